"""What each diagnostic means and what to do: the registry from which the documentation is made.

``wfbreak explain ID`` prints a page, ``docs/diagnostics`` holds them all (``make docs``). An
example is what brings the diagnostic about; the tests run it.
"""

from __future__ import annotations

from dataclasses import dataclass

from wfbreak.diagnostics import Code, Severity

_HOT = "heat_template_version: 2018-08-31\n"


@dataclass(frozen=True, slots=True)
class Rule:
    """A diagnostic's page. ``example`` is a template, ``environment`` goes with it, ``breaks`` are
    its ``--break`` options; ``no_example`` says why there is none."""

    code: Code
    meaning: str
    remedy: str
    example: str | None = None
    environment: str | None = None
    breaks: tuple[str, ...] = ()
    no_example: str | None = None

    def page(self) -> str:
        """The page as Markdown."""
        severity = "an error" if self.code.severity is Severity.ERROR else "a warning"
        lines = [
            f"# {self.code.ident}: {self.code.title}",
            "",
            f"This is {severity}.",
            "",
            self.meaning,
            "",
            f"**What to do.** {self.remedy}",
            "",
        ]
        if self.example is not None:
            lines += ["## Example", "", "```yaml", self.example.rstrip("\n"), "```", ""]
        if self.environment is not None:
            lines += ["With the environment", "", "```yaml", self.environment.rstrip("\n")]
            lines += ["```", ""]
        if self.breaks:
            options = " ".join(f"--break {option}" for option in self.breaks)
            lines += [f"With `{options}`.", ""]
        if self.no_example is not None:
            lines += [f"There is no example: {self.no_example}.", ""]
        return "\n".join(lines)


def rule(ident: str) -> Rule | None:
    """The rule with this id, in capitals or not."""
    return next((r for r in RULES if r.code.ident == ident.upper()), None)


RULES = (
    Rule(
        Code.UNREADABLE,
        "A file that the command, a template or an environment names is not there, cannot be "
        "read, or is not UTF-8 text. Files are looked for beside the file that names them. "
        "wfbreak fetches nothing from the network.",
        "Correct the name; save what is on the network beside the template.",
        _HOT + "outputs:\n  text: {value: {get_file: nowhere.txt}}\n",
    ),
    Rule(
        Code.NOT_YAML,
        "The file is neither JSON nor YAML 1.1 as Heat reads it.",
        "The position is where the reader gave up; the mistake is there or just before. A tab "
        "cannot indent YAML, and text with ': ' or ' #' in it needs quotes.",
        _HOT + "resources: {a: [}\n",
    ),
    Rule(
        Code.ALIAS_BOMB,
        "The aliases of the file (`*name`) expand to more than a million nodes, or the file nests "
        "deeper than 200 levels. Heat itself has no such limit, and dies of it.",
        "Write the repeated part once, or less often.",
        _HOT + "a: " + "[" * 250 + "]" * 250 + "\n",
    ),
    Rule(
        Code.NOT_HOT,
        "The file has none of the keys that make a file a template: `heat_template_version`, "
        "`AWSTemplateFormatVersion`, `HeatTemplateFormatVersion`.",
        "Give the template's version in its first line.",
        "resources: {}\n",
    ),
    Rule(
        Code.UNKNOWN_VERSION,
        "Heat has no template version of this date or name.",
        "Take one of those that the message lists; the newest has the most functions.",
        "heat_template_version: 2018-08-32\n",
    ),
    Rule(
        Code.SCHEMA,
        "A key is unknown, missing or has a value of the wrong kind. The rules stand in "
        "`schemas/` as JSON Schemas, which editors can use too.",
        "Correct the key; near names are in the hint.",
        _HOT + "resources:\n  a: {type: OS::Heat::Value, propertys: {}}\n",
    ),
    Rule(
        Code.TOO_LARGE,
        "Heat takes templates of up to 524,288 characters (`max_template_size`), nested ones too.",
        "Split it: types can be templates in files of their own, and `get_file` reads long text. "
        "If your cloud's Heat is set up for larger ones, tell it with `--max-template-size`.",
        no_example="it would be half a mebibyte long",
    ),
    Rule(
        Code.PARAMETER_MISSING,
        "The value decides which tasks there are (a condition, a group's size, an `if`), so it "
        "must be known when the template is translated; or a nested template's parameter has "
        "neither a value nor a default. Other parameters may stay open: they become inputs of "
        "the workflow.",
        "Give the value with `-P NAME=VALUE` or in an environment; for a nested template, as a "
        "property of its resource.",
        _HOT + "parameters: {p: {type: string}}\nconditions: {c: {equals: [{get_param: p}, x]}}\n",
    ),
    Rule(
        Code.PARAMETER_CONSTRAINT,
        "The value is of the parameter's type, and one of the parameter's constraints refuses it.",
        "Give another value, or correct the constraint where it is declared.",
        _HOT + "parameters:\n  p: {type: number, default: 9, constraints: [{range: {max: 3}}]}\n",
    ),
    Rule(
        Code.PARAMETER_TYPE,
        "The value cannot be read as the parameter's type, or, for a nested template, the "
        "resource's property cannot have it.",
        "Numbers, booleans, lists and JSON may be given as text, as Heat takes them.",
        _HOT + "parameters:\n  p: {type: number, default: many}\n",
    ),
    Rule(
        Code.PARAMETER_UNKNOWN,
        "A value is given for a parameter that the template does not declare; for a nested "
        "template, its resource has a property that is no parameter.",
        "Correct the name; the hint lists the parameters.",
        _HOT + "resources: {}\n",
        environment="parameters: {p: 1}\n",
    ),
    Rule(
        Code.PARAMETER_DEFINITION,
        "The parameter's declaration is not one that Heat takes: a constraint that its type "
        "cannot have, a regular expression that is none.",
        "Correct the declaration.",
        _HOT + "parameters:\n  p: {type: boolean, constraints: [{range: {max: 3}}]}\n",
    ),
    Rule(
        Code.MERGE_STRATEGY,
        "Two environment files set the same parameter and disagree on how the values merge, or "
        "the values cannot be merged so.",
        "Give the parameter the same strategy in every file that sets it.",
        no_example="it takes two environment files",
    ),
    Rule(
        Code.PARAMETER_SECRET,
        "A parameter's value is to be fetched from the cloud's key manager (`--parameter-secret`), "
        "and cannot be: the option names no secret, the parameter has a value as well, a condition "
        "needs it while translating, or everything is rehearsed, which has no cloud.",
        "The message says which. Give the value itself where it is needed before a resource is.",
        no_example="it is about options",
    ),
    Rule(
        Code.UNKNOWN_FUNCTION,
        "A map with one key stands where a function can, and the key looks like a function's "
        "name and is none. Heat would take it as data.",
        "Correct the name. If it is meant as data, give the map a second key.",
        _HOT + "outputs:\n  o: {value: {get_parm: x}}\n",
    ),
    Rule(
        Code.FUNCTION_NOT_IN_VERSION,
        "The template's version does not have this function, or has it no more. Heat would take "
        "the map as data, or refuse it.",
        "Raise the template's version, or use what the version has.",
        "heat_template_version: 2013-05-23\noutputs:\n  o: {value: {str_split: [',', a]}}\n",
    ),
    Rule(
        Code.FUNCTION_ARGUMENTS,
        "The function cannot work on these arguments. What is known while translating is "
        "computed at once, so that such a mistake shows before anything is created.",
        "The message says what the function takes.",
        _HOT + "outputs:\n  o: {value: {str_split: [',']}}\n",
    ),
    Rule(
        Code.UNKNOWN_REFERENCE,
        "A reference names a resource, a parameter or an attribute of a nested stack that does "
        "not exist.",
        "Correct the name; near names are in the hint.",
        _HOT + "outputs:\n  o: {value: {get_resource: nothing}}\n",
    ),
    Rule(
        Code.DISABLED_REFERENCE,
        "A reference names a resource that its condition takes away. A `depends_on` on one is "
        "dropped, as in Heat; a value cannot be.",
        "Put the reference behind an `if` on the same condition.",
        _HOT + "resources:\n  gone: {type: OS::Heat::None, condition: false}\n"
        "  a: {type: OS::Heat::Value, properties: {value: {get_resource: gone}}}\n",
    ),
    Rule(
        Code.CONDITION,
        "A condition is not true or false, refers to what conditions cannot have, or conditions "
        "refer to each other in a circle.",
        "The message says which functions can stand in a condition of this version.",
        _HOT + "conditions: {a: {not: b}, b: {not: a}}\n",
    ),
    Rule(
        Code.RESOURCE_DEFINITION,
        "What the resource says of itself contradicts itself, or its group's properties do not "
        "say what its members are.",
        "The message says what is wrong.",
        _HOT + "resources:\n  g: {type: OS::Heat::ResourceGroup, properties: {count: -1,"
        " resource_def: {type: OS::Heat::None}}}\n",
    ),
    Rule(
        Code.NESTED_LIMIT,
        "Heat allows five levels of stacks in each other, and 1,000 resources in all of them "
        "together unless a cloud is set up otherwise; wfbreak keeps to the same.",
        "Split the stack. If your cloud's `max_resources_per_stack` is another one, tell it with "
        "`--max-resources`. A template that holds itself nests without end.",
        _HOT + "resources:\n  g: {type: OS::Heat::ResourceGroup, properties: {count: 1001,"
        " resource_def: {type: OS::Heat::None}}}\n",
    ),
    Rule(
        Code.UNKNOWN_PROPERTY,
        "The resource's type, or the map inside one of its properties, does not have a property "
        "of that name. The types are those of Heat 27 (`schemas/types`); Heat refuses it too.",
        "Correct the name; near names are in the hint. A value that the service knows and Heat "
        "does not may go into `value_specs`, where the type has that.",
        _HOT + "resources:\n  net: {type: OS::Neutron::Net, properties: {nmae: front}}\n",
    ),
    Rule(
        Code.PROPERTY_MISSING,
        "The resource's type cannot do without the property, and the template does not give it.",
        "Give it. A property whose value is null counts as given, and is the type's empty value.",
        _HOT + "resources:\n  server: {type: OS::Nova::Server}\n",
    ),
    Rule(
        Code.PROPERTY_VALUE,
        "The value is of the wrong type, breaks a constraint, or goes with another property that "
        "excludes it. Values are converted as Heat does it: `'5'` is an integer, and of text only "
        "`true` and `false` are booleans. What is known at run time only is checked when the "
        "resource is created; what only the cloud knows (does a flavor exist?) is for the cloud.",
        "The message says what the property takes.",
        _HOT + "resources:\n  v: {type: OS::Cinder::Volume, properties: {size: 0}}\n",
    ),
    Rule(
        Code.UNKNOWN_ATTRIBUTE,
        "`get_attr` reads an attribute that the resource's type does not have. Some types have "
        "attributes that no list names (the outputs of a software deployment): any passes there.",
        "Correct the name; near names are in the hint. What the service itself shows is in `show`.",
        _HOT + "resources:\n  net: {type: OS::Neutron::Net}\n"
        "outputs:\n  o: {value: {get_attr: [net, subnet]}}\n",
    ),
    Rule(
        Code.CYCLE,
        "Resources need each other in a circle, by `depends_on`, by references or by their types. "
        "The hint has the line of each step.",
        "Take one of the steps out.",
        _HOT + "resources:\n  a: {type: OS::Heat::None, depends_on: b}\n"
        "  b: {type: OS::Heat::None, depends_on: a}\n",
    ),
    Rule(
        Code.BREAKPOINT_FILE,
        "A breakpoint is not written as breakpoints are: the hook does not exist.",
        "`--break PATTERN[:HOOK]`, or a file that fits `schemas/breakpoints.json`.",
        _HOT + "resources:\n  a: {type: OS::Heat::None}\n",
        breaks=("a:pre-make",),
    ),
    Rule(
        Code.HOOK_MATCHES_NOTHING,
        "No resource has a name that the pattern fits, so nothing would ever stop. Heat says "
        "nothing in such a case, and the stack runs through.",
        "Patterns go by whole names, from the outermost stack inwards (`web/*/server`); `**` "
        "stands for any number of names.",
        _HOT + "resources:\n  server: {type: OS::Heat::None}\n",
        breaks=("sever",),
    ),
    Rule(
        Code.REHEARSAL,
        "An option that says how a rehearsed resource behaves is badly written.",
        "The message says what the option takes.",
        no_example="it is about options of `wfbreak run`",
    ),
    Rule(
        Code.PROVIDER,
        "An option `--provider` is badly written, or the provider that it chooses cannot make a "
        "resource: the openstack provider makes the types of its own table, with the properties "
        "that the table names.",
        "Have the cloud's Heat make the type (`--provider TYPE=heat`), or leave the property out.",
        no_example="it is about options",
    ),
    Rule(
        Code.UNSUPPORTED_FUNCTION,
        "wfbreak knows this and does not translate it: the pseudo parameter `OS::region` belongs "
        "to the credentials of whoever makes the resources.",
        "Make it a parameter.",
        _HOT + "outputs:\n  o: {value: {get_param: 'OS::region'}}\n",
    ),
    Rule(
        Code.UNSUPPORTED_RESOURCE,
        "Which resources there are depends on something that exists only when the workflow runs. "
        "Every resource is a task, so this must be known before.",
        "Write the structure in the template; the values in it may be computed.",
        _HOT + "resources:\n  a: {type: OS::Heat::Value}\n  g: {type: OS::Heat::ResourceGroup,"
        " properties: {count: {get_attr: [a, value]}, resource_def: {type: OS::Heat::None}}}\n",
    ),
    Rule(
        Code.STRICT,
        "`--strict` was given, and this construct is translated with a meaning that is near to "
        "Heat's and not the same. `wfbreak certify` lists all such constructs.",
        "Do without the construct, or without `--strict`.",
        no_example="it needs `--strict`",
    ),
    Rule(
        Code.ORDER,
        "The proof that every translation goes through has failed: the workflow would not keep "
        "the template's order, or a stop would not be safe. Nothing is written.",
        "This is a mistake of wfbreak's. Please report it with the template.",
        no_example="no template is known that brings it about",
    ),
    Rule(
        Code.DUPLICATE_KEY,
        "YAML forbids it, Heat's reader takes it: only the last of the two counts, and wfbreak "
        "does the same.",
        "Remove or rename one.",
        _HOT + "resources:\n  a: {type: OS::Heat::None}\n  a: {type: OS::Heat::Value}\n",
    ),
    Rule(
        Code.HOOK_ON_DISABLED,
        "The resource that the breakpoint is on is taken away by its condition, so nothing stops.",
        "None, if that is meant.",
        _HOT + "resources:\n  a: {type: OS::Heat::None, condition: false}\n",
        breaks=("a",),
    ),
    Rule(
        Code.HOOK_CANNOT_FIRE,
        "The hook belongs to another operation (an update, a deletion), or the resource exists "
        "already (`external_id`) and is not created.",
        "None, if that is meant: an environment may have hooks for other operations.",
        _HOT + "resources:\n  a: {type: OS::Heat::None}\n",
        breaks=("a:pre-delete",),
    ),
    Rule(
        Code.CONDITION_DECIDES_NOTHING,
        "Everything that is asked for counts: another file, a hook or the command line stops at "
        "the same place without a condition, so the stack always stops there.",
        "Take one of the two away, or give both the condition.",
        no_example="it takes a breakpoint file",
    ),
    Rule(
        Code.HOOK_REPLACED,
        "A later environment file has `resource_registry: resources:` too, which takes the place "
        "of all that earlier files say of single resources (W101). This hook is not in it, so "
        "nothing stops there.",
        "Put the hook into the last file too, or use `--break`.",
        no_example="it takes two environment files",
    ),
    Rule(
        Code.REGISTRY_REPLACED,
        "A later environment file has `resource_registry: resources:` too. Heat merges only one "
        "level deep, so what the earlier file says of single resources is lost, hooks included "
        "(W304). wfbreak does the same.",
        "Put all entries under `resources` of the last file.",
        no_example="it takes two environment files",
    ),
    Rule(
        Code.ENVIRONMENT_BEATS_OPTION,
        "An environment file and the command line give the same parameter. Heat merges the files "
        "over `-P`, and so does wfbreak.",
        "Take the line out of the file, or put the value in a later file.",
        no_example="it needs `-P`",
    ),
    Rule(
        Code.OUTPUT_WITHOUT_VALUE,
        "The output names a resource that its condition takes away. Heat creates the stack and "
        "shows the output without a value.",
        "Put the same condition on the output.",
        _HOT + "resources:\n  gone: {type: OS::Heat::None, condition: false}\n"
        "outputs:\n  o: {value: {get_resource: gone}}\n",
    ),
    Rule(
        Code.UNKNOWN_TYPE,
        "The type is named like one of OpenStack's, and Heat 27 has none of that name: a vendor's, "
        "one of another version, or a mistake. Its properties and attributes are not checked, and "
        "go to the provider as they are.",
        "None, if the cloud knows the type. Map it in an environment if it stands for another.",
        _HOT + "resources:\n  a: {type: OS::Nova::Sever}\n",
    ),
    Rule(
        Code.IGNORED,
        "This part of the environment is read and has no effect here.",
        "None, if that is expected.",
        _HOT + "resources: {}\n",
        environment="event_sinks: []\n",
    ),
)
"""One rule for each diagnostic, in the order of the diagnostics."""
