import subprocess
import sys

from buildkit.decisions import inside

TCP = b"""  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0
   1: 00000000:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0
   2: 0100007F:1F40 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0
"""
TCP6 = b"""  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000
   2: 0000000000000000FFFF00000100007F:0052 00000000000000000000000000000000:0000 0A 00000000:00000000
"""


def test_listeners_are_read_from_both_tables_with_their_addresses():
    found = inside.listeners(b"\x01tcp\x02" + TCP + b"\x01tcp\x02" + TCP6)
    assert [str(listener) for listener in found] == [
        "[::]:80",
        "[::1]:81",
        "127.0.0.1:82",
        "0.0.0.0:5000",
        "127.0.0.1:8000",
    ]
    assert [listener.loopback for listener in found] == [False, True, True, False, True]


def test_processes_are_read_with_what_concerns_python_and_tracing():
    raw = b"\x01process\x027\x02/usr/bin/python3.13\n\x02python\x00-S\x00a b.py\x00\x02"
    raw += b"OTEL_SDK_DISABLED=true\x00SECRET=x\x00PYTHONPATH=/a\nb\x00"
    (process,) = inside.processes(raw)
    assert process.pid == 7
    assert process.executable == "/usr/bin/python3.13"
    assert process.arguments == ("python", "-S", "a b.py")
    assert process.environment == {"OTEL_SDK_DISABLED": "true", "PYTHONPATH": "/a\nb"}


def test_dockers_own_name_server_is_not_the_services():
    raw = TCP.replace(b"0100007F:1F40 00000000", b"0B00007F:9140 00000000")
    assert [str(listener) for listener in inside.listeners(b"\x01tcp\x02" + raw)] == ["0.0.0.0:5000"]


def test_the_bases_interpreter_is_read():
    assert inside.interpreter(b"\x01tcp\x02\x01interpreter\x02/usr/bin/python3.13\n") == "/usr/bin/python3.13"
    assert inside.interpreter(b"\x01interpreter\x02") == inside.interpreter(b"") == ""


def test_kernel_threads_and_broken_records_are_left_out():
    assert inside.processes(b"\x01process\x022\x02\x02\x02\x01process\x02\x01nonsense") == ()
    assert inside.processes(b"") == ()
    assert inside.listeners(b"") == ()


def test_the_script_runs_in_a_real_shell_and_finds_a_real_process():
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"],
        env={"OTEL_X": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout.readline() == b"up\n"
        output = subprocess.run(["/bin/sh", "-c", inside.SCRIPT], capture_output=True, check=True).stdout
        child.stdin.close()
    (found,) = [process for process in inside.processes(output) if process.pid == child.pid]
    assert found.arguments[1] == "-c"
    assert found.environment["OTEL_X"] == "1"
