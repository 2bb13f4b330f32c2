"""The ways to somebody: straight, or through a proxy, which is named when it is in the way."""

from __future__ import annotations

import ssl
from functools import cached_property

import httpx2

from deploy.errors import ConfigError
from deploy.http.errors import PROXY, Blocked, cause_of, untrusted
from deploy.network import is_loopback


class Direct(httpx2.HTTPTransport):
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return super().handle_request(request)
        except httpx2.ConnectError as error:
            if blocked := untrusted(error, request):
                raise blocked from error
            raise


class Proxied(httpx2.BaseTransport):
    """Through the proxy that `variable` holds, which is looked at when it is first needed; to loopback `direct`."""

    def __init__(self, address: str, variable: str, direct: Direct, trusted: ssl.SSLContext) -> None:
        self._address, self._variable = address, variable
        self._direct, self._trusted = direct, trusted

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if is_loopback(request.url.host):
            return self._direct.handle_request(request)
        try:
            response = self._transport.handle_request(request)
        except httpx2.TransportError as error:
            raise self._explained(error, request) from error
        if response.status_code == httpx2.codes.PROXY_AUTHENTICATION_REQUIRED:
            response.close()
            raise self._blocked("asks for a login (407)", request)
        response.extensions[PROXY] = self._name
        return response

    def close(self) -> None:
        if "_transport" in vars(self):
            self._transport.close()

    @cached_property
    def _transport(self) -> httpx2.HTTPTransport:
        """Raises ConfigError."""
        try:
            return httpx2.HTTPTransport(verify=self._trusted, proxy=self._proxy)
        except ImportError as error:
            raise self._unusable("a SOCKS proxy needs the package socksio, which is not installed") from error

    @cached_property
    def _proxy(self) -> httpx2.Proxy:
        """Its address stands apart from its password. Raises ConfigError."""
        try:
            return httpx2.Proxy(self._address)
        except (ValueError, httpx2.InvalidURL) as error:
            raise self._unusable("it is not the address of a proxy, such as http://proxy.example:3128") from error

    @property
    def _name(self) -> str:
        return f"the proxy {self._proxy.url} ({self._variable})"

    def _explained(self, error: httpx2.TransportError, request: httpx2.Request) -> httpx2.TransportError:
        """A refusal of the proxy's own, or that it cannot be reached; of all else nobody knows whose fault it is."""
        if isinstance(error, httpx2.ProxyError):
            asks = str(error).startswith("407")
            return self._blocked(f"{'asks for a login' if asks else 'refused to lead there'} ({error})", request)
        said = str(error) or type(error).__name__
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout) and not cause_of(error, ssl.SSLError):
            return self._blocked(f"cannot be reached ({said})", request)
        return untrusted(error, request) or type(error)(f"{said}, through {self._name}")

    def _blocked(self, how: str, request: httpx2.Request) -> Blocked:
        return Blocked(f"{self._name} {how}", cure=f"correct {self._variable}, or name {request.url.host} in NO_PROXY")

    def _unusable(self, cause: str) -> ConfigError:
        return ConfigError(
            f"What {self._variable} holds cannot be used.",
            cause=cause,
            next_step=f"correct {self._variable}, or name in NO_PROXY what is reached without a proxy",
        )
