# Reads a JSON list of {"module", "name", ...} and prints those that can't be had here.
import importlib
import json
import sys


def has(module, name):
    if module.startswith("."):
        return True  # relative to a package that only the function knows
    if module == "__main__":
        return True  # that of the process which loads the pickle
    try:
        found = importlib.import_module(module)
    except BaseException:
        return False
    for part in name.split(".") if name else ():
        try:
            found = getattr(found, part)
        except BaseException:
            try:  # `from package import module`
                found = importlib.import_module(module + "." + part)
            except BaseException:
                return False
    return True


needs = json.load(sys.stdin)
missing = [need for need in needs if not has(need["module"], need.get("name", ""))]
print()
print(json.dumps(missing))
