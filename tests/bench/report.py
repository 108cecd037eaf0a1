"""The results as a table for a reader and as JSON for a program."""
import json
import os
import platform

COLUMNS = (("contestant", "<24"), ("runs", ">5"), ("wall s", ">9"), ("CPU s", ">9"),
           ("peak MB", ">9"), ("MB/s", ">9"), ("× wc-mr", ">9"), ("  answer", "<"))


def machine():
    return {"processor": first_value("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory": first_value("/proc/meminfo", "MemTotal"), "kernel": platform.release()}


def first_value(path, key):
    with open(path) as file:
        for line in file:
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return "unknown"


def add_ratios(rows, reference):
    """How much longer each took than wc-mr on the same input."""
    base = {row["input"]: row["wall"] for row in rows
            if row["contestant"] == reference and not row["failure"]}
    for row in rows:
        if not row["failure"] and row["input"] in base:
            row["ratio"] = row["wall"] / base[row["input"]]


def print_input(wanted, rows):
    print(f"\n{wanted.name}: {wanted.about}; {rows[0]['bytes'] / 1e6:,.1f} MB")
    print_line([title for title, _ in COLUMNS])
    for row in sorted(rows, key=lambda row: row.get("wall", float("inf"))):
        print_line(cells(row))
    print("commands:")
    for row in rows:
        print(f"  {row['contestant']}: {row['command']}")


def cells(row):
    if row["failure"]:
        return [row["contestant"], "", "", "", "", "", "", "  " + row["failure"]]
    ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
    return [row["contestant"], str(len(row["walls"])), f"{row['wall']:.4f}", f"{row['cpu']:.4f}",
            f"{row['peak'] / 1e6:,.1f}", f"{row['speed']:,.1f}", ratio, "  " + row["answer"]]


def print_line(values):
    print(" ".join(f"{value:{form}}" for value, (_, form) in zip(values, COLUMNS)).rstrip(),
          flush=True)


def print_figures(figures):
    print(f"\n{'figure':<66} {'asked':>9} {'reached':>9}")
    for figure in figures:
        reached = "failed" if figure["reached"] is None else f"{figure['reached']:.2f}"
        mark = "" if figure["met"] else "  not met"
        print(f"{figure['what']:<66} {figure['asked']:>9} {reached:>9}{mark}")
        if figure["failure"]:
            print(f"    {figure['failure']}")


def write_json(path, results):
    with open(path, "w") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
        file.write("\n")
