"""Says what was measured where: the machine, its disk, the program."""
import hashlib
import os
import platform
import re
import statistics
import subprocess
import time

from report import Failure, say

MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs"}


def describe(binary, folder):
    file_system = file_system_of(folder)
    if file_system in MEMORY_FILE_SYSTEMS:
        raise Failure(f"{folder.parent} is in memory ({file_system}): set BENCH_FOLDER to a folder on a disk")
    say(f"date      {time.strftime('%Y-%m-%d %H:%M %z')}")
    say(f"machine   {cores()} cores ({processor()}), {memory_gib():.1f} GiB of memory, "
          f"load average {os.getloadavg()[0]:.2f} at the start")
    say(f"system    {platform.system()} {platform.release()}, Python {platform.python_version()}, "
          f"{wrk_version()}")
    say(f"disk      {folder.parent} ({file_system}), "
          f"{sync_ms(folder):.2f} ms to append 4 KiB to a file and sync it (median)")
    say(f"taglink   {program_version(binary)}")


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE).group(1)
    except (OSError, AttributeError):
        return platform.machine()


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def file_system_of(folder):
    answer = subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True)
    return answer.stdout.split()[-1] if answer.returncode == 0 else "unknown file system"


def sync_ms(folder, count=100):
    """The median time to append a block and to have it on the disk (fdatasync)."""
    path, times = folder / "sync", []
    with open(path, "wb", buffering=0) as file:
        for _ in range(count):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    path.unlink()
    return statistics.median(times) * 1000


def program_version(binary):
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failure(f"{binary} --version failed: {answer.stderr.strip()}")
    content = binary.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"{answer.stdout.strip()}, {len(content) / 2**20:.1f} MiB, SHA-256 {digest}"


def wrk_version():
    text = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout
    return " ".join(text.split()[:2]) or "wrk"
