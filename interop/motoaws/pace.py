"""Things that stock moto does over and over, done once.

They are no repairs: moto answers the same without them, but so slowly that the
bench would measure little else.
"""

import functools
import pickle

import yaml
from moto import backends
from moto.cloudformation.models import ChangeSet, Stack
from moto.cloudformation.utils import yaml_tag_constructor


class Loader(yaml.CLoader):
    """libyaml's, which parses the template in a tenth of the 30 ms of Python's.

    It understands the short forms of intrinsic functions, as moto's own does.
    """


Loader.add_multi_constructor("", yaml_tag_constructor)


@functools.lru_cache(maxsize=8)
def pickled(template):
    return pickle.dumps(yaml.load(template, Loader=Loader))  # JSON is YAML, too


def parse_template(template):
    """A template that many accounts deploy is parsed once; each gets its own copy."""
    return pickle.loads(pickled(template))


def install():
    def parse_own(self):
        self.template_dict = parse_template(self.template)

    Stack.parse_template = staticmethod(parse_template)
    ChangeSet._parse_template = parse_own

    # Which folders moto has: it looks through all 190 of them twice a request.
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
