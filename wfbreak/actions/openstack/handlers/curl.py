"""How a machine in the cloud signals: by a request to Mistral, with a token of the execution's.

A template puts the attribute ``curl_cli`` before ``--data-binary '{"status": "SUCCESS"}'``, as
Heat's documentation shows. Mistral wants another body than Heat: an execution of a workflow, with
the signal among its inputs. So the command is a small shell script around curl that takes the
signal from the option and leaves all other options as they are.

The token is the execution's own: whoever has it can do in the cloud what the execution can, as long
as it lives (Keystone's ``[token] expiration``, an hour unless changed). Heat's can only signal.
"""

from __future__ import annotations

import json
import shlex
from typing import Any, Final

from wfbreak import options
from wfbreak.actions.openstack import failures
from wfbreak.actions.provider import CreateRequest, ProviderError

_SERVICE: Final = "workflowv2"

_SCRIPT: Final = (
    "s=null; p=; for a; do shift; case $p in -d|--data|--data-*) s=$a;; "
    '*) case $a in -d|--data|--data-*) ;; *) set -- "$@" "$a";; esac;; esac; p=$a; done; '
    'exec curl %(options)s-i -X POST -H "X-Auth-Token: %(token)s" '
    '-H "Content-Type: application/json" -H "Accept: application/json" '
    '"$@" --data-binary "%(before)s$s%(after)s" %(endpoint)s'
)


def attributes(request: CreateRequest, handle: str) -> dict[str, Any]:
    """``endpoint``, ``token`` and ``curl_cli`` of a wait condition's handle.

    :raises ProviderError: if no machine can reach the engine, or Keystone gives no token.
    """
    if not options.has_keystone() or request.signal_workflow is None or request.connect is None:
        raise ProviderError(
            "a machine can signal only a Mistral with Keystone: leave the attributes endpoint, "
            "token and curl_cli out, and signal by hand (wfbreak signal)"
        )
    connection = request.connect()
    session, region = connection.session, connection.config.region_name
    with failures.told():
        url = session.get_endpoint(service_type=_SERVICE, interface="public", region_name=region)
        token = session.get_token()
    if url is None:
        raise ProviderError(f"the catalogue has no public endpoint of Mistral ({_SERVICE})")
    endpoint = f"{str(url).rstrip('/')}/executions"
    return {
        "endpoint": endpoint,
        "token": token,
        "curl_cli": _command(request, handle, endpoint, token, insecure=session.verify is False),
    }


def _command(
    request: CreateRequest, handle: str, endpoint: str, token: str, *, insecure: bool
) -> str:
    body = json.dumps(
        {
            "workflow_id": request.signal_workflow,
            "input": {"execution": request.execution_id, "handle": handle, "signal": _HERE},
        }
    )
    before, after = body.replace('"', '\\"').split(f'\\"{_HERE}\\"')
    script = _SCRIPT % {
        "options": "--insecure " if insecure else "",
        "token": token,
        "endpoint": endpoint,
        "before": before,
        "after": after,
    }
    return f"sh -c {shlex.quote(script)} signal"


_HERE: Final = "@SIGNAL@"
