"""Change sets that leave a stack as CloudFormation would.

In stock moto a change set of a stack named by its ARN is refused, a stack made by
change set has no outputs, its exports are not registered, and a change of
parameters reaches only resources that name one by Ref, not those that do so
within Fn::Sub or Fn::If.
"""

from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse


def find(backend, change_set_name, stack_name):
    """The change set of a name within its stack, or of an ARN."""
    for change_set in backend.change_sets.values():
        if change_set.change_set_id == change_set_name:
            return change_set
        if change_set.change_set_name == change_set_name and stack_name in (
            change_set.stack_name,
            change_set.stack_id,
        ):
            return change_set
    return None


def install():
    create = CloudFormationBackend.create_change_set
    execute = CloudFormationBackend.execute_change_set
    diff = ResourceMap.build_resource_diff
    validate = CloudFormationResponse._validate_different_update

    # A stack's ARN will do for its name.
    def create_change_set(self, stack_name, *args, **kwargs):
        if stack_name in self.stacks:
            stack_name = self.stacks[stack_name].name
        return create(self, stack_name, *args, **kwargs)

    def execute_change_set(self, change_set_name, stack_name=None):
        change_set = find(self, change_set_name, stack_name)
        if change_set is None:
            return execute(self, change_set_name, stack_name)
        execute(self, change_set.change_set_id, stack_name)
        stack = self.stacks[change_set.stack_id]
        stack._parse_template()
        stack.description = stack.template_dict.get("Description")
        stack.parameters = change_set.parameters
        if change_set.tags:
            stack.tags = change_set.tags
        stack.output_map = stack._create_output_map()
        for export in stack.exports:
            self.exports[export.name] = export

    # With changed parameters everything is brought up to date: what has not
    # changed comes out the same, and a resource whose condition has become true
    # is made.
    def build_resource_diff(self, other_template, parameters=None):
        names = diff(self, other_template)
        if parameters and parameters != self.input_parameters:
            made = self._parsed_resources
            names["Add"] = [name for name in other_template["Resources"] if name not in made]
            names["Modify"] = [name for name in other_template["Resources"] if name in made]
        return names

    # A parameter that the request leaves out has its default.
    def has_parameters(self, other_parameters):
        defaults = {
            name: str(parameter["Default"])
            for name, parameter in self.template_dict.get("Parameters", {}).items()
            if "Default" in parameter
        }
        return self.stack_parameters == {**defaults, **other_parameters}

    # Without changes UpdateStack is refused, but CreateChangeSet is answered,
    # with a change set that has failed.
    def _validate_different_update(self, incoming_params, stack_body, old_stack):
        if self._get_action() != "CreateChangeSet":
            validate(self, incoming_params, stack_body, old_stack)

    CloudFormationBackend.create_change_set = create_change_set
    CloudFormationBackend.execute_change_set = execute_change_set
    ResourceMap.build_resource_diff = build_resource_diff
    Stack.has_parameters = has_parameters
    CloudFormationResponse._validate_different_update = _validate_different_update
