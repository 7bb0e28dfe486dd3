import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path(__file__).with_name("nginx.conf")
WHERE = "/usr/local/bin:/usr/bin:/usr/sbin:/opt/homebrew/bin"
CERTIFICATE = "req -x509 -newkey rsa:2048 -nodes -days 30 -keyout chat.key -out chat.pem -subj /CN=localhost"


def tool(name):
    """Where a program is. Ends with a sentence if it is not there."""
    return shutil.which(name, path=WHERE) or sys.exit(f"{name} is needed for this, and not installed here.")


@contextmanager
def nginx(port, one, two):
    """nginx with TLS at a port, before the servers at two others."""
    command = tool("nginx"), "-p", ".", "-c", "nginx.conf"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tool("openssl"), *CERTIFICATE.split()], cwd=folder, check=True, capture_output=True)
        text = CONFIGURATION.read_text(encoding="utf-8")
        for shown, real in ((8443, port), (3001, one), (3002, two)):
            text = text.replace(f"127.0.0.1:{shown}", f"127.0.0.1:{real}")
        Path(folder, "nginx.conf").write_text(text, encoding="utf-8")
        process = subprocess.Popen(command, cwd=folder)
        try:
            yield
        finally:
            process.terminate()
            process.wait()
