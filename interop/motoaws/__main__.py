"""Starts moto's server, repaired; takes the arguments of moto_server."""

import sys

from moto.server import main

from . import install

install()
main(sys.argv[1:])
