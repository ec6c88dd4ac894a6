"""The conversation of bench/harness/crew.mjs for contestants in Python: one JSON object a line, timed in here."""

import gc
import json
import resource
import sys
import time


def resident(field):
    """Bytes from /proc/self/status, or None where there is no such file."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return 1024 * int(line.split()[1])
    except OSError:
        pass
    return None


def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w") as references:
            references.write("5")
        return True
    except OSError:
        return False


def cpu_seconds():
    """Of all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(run, times):
    gc.collect()
    before = resident("VmRSS") if reset_peak() else None
    cpu, start = cpu_seconds(), time.perf_counter()
    result = None
    for _ in range(times):
        result = run()
    wall, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    sample = {"wall": wall / times, "cpu": cpu / times}
    if before is not None:
        sample["peak"] = resident("VmHWM") - before
    return result, sample


def serve(versions, operations):
    """Each operation makes from its arguments a dict: run, and if it likes probe (numbers of a result) and compile (s)."""
    answers, sys.stdout = sys.stdout, sys.stderr
    prepared = {}

    def prepare(message):
        if message["op"] not in operations:
            raise ValueError(f"no operation '{message['op']}'")
        start = time.perf_counter()
        operation = operations[message["op"]](**message["args"])
        prepared[message["key"]] = operation
        answer = {"compile": operation.get("compile"), "note": operation.get("note")}
        if message.get("warm", True):
            result, sample = timed(operation["run"], 1)
            answer["first"] = sample["wall"]
            if "probe" in operation:
                answer["probe"] = [float(value) for value in operation["probe"](result)]
        answer["prepare"] = time.perf_counter() - start
        return answer

    def run(message):
        return timed(prepared[message["key"]]["run"], message["times"])[1]

    def forget(message):
        prepared.pop(message["key"], None)
        gc.collect()
        return {}

    commands = {"prepare": prepare, "run": run, "forget": forget}

    def say(answer):
        answers.write(json.dumps({key: value for key, value in answer.items() if value is not None}) + "\n")
        answers.flush()

    say({"versions": versions})
    for line in sys.stdin:
        message = json.loads(line)
        try:
            say(commands[message["do"]](message))
        except Exception as error:  # whatever it is, the conversation goes on
            say({"error": f"{type(error).__name__}: {error}"[:500]})


def corner(values):
    """The entries that bench/crews/resgram.mjs compares."""
    return values[:4, :4].ravel()
