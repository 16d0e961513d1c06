"""moto 5.2.1 with what fcoidc's stacks need and stock moto lacks.

moto is an AWS that was written by others, which is what makes it a good second
opinion. Its CloudFormation, though, does not know AWS::IAM::OIDCProvider, gives
a stack made by change set no outputs, and lets an update pass roles by. Each
repair here wraps one place in moto, names what is wrong there, and leaves the
rest of moto's behaviour alone:

    oidc_provider  the missing resource type
    roles          managed policies, JSON documents, updates and deletion
    parameters     lists, and the omission of list elements by AWS::NoValue
    change_sets    outputs, exports and parameters; "nothing has changed"
    pace           no repair, but more requests a second

They hold for moto 5.2.1 alone, because they reach into its internals.
"""

import moto

PINNED = "5.2.1"


def install():
    """Repair the moto of this process."""
    if moto.__version__ != PINNED:
        raise SystemExit(f"motoaws: moto is {moto.__version__}, but this was written for {PINNED}")

    from . import change_sets, oidc_provider, pace, parameters, roles

    oidc_provider.install()
    roles.install()
    parameters.install()
    change_sets.install()
    pace.install()
