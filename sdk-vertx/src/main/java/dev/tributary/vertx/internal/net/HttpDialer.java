package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Connects by HTTP: of any version on a client that all connections share, or of HTTP/2 on a client of its own. */
public final class HttpDialer implements Dialer<HttpDialer.Made> {
  private final Network network;
  private final HttpClientAgent client;
  private final boolean http2;

  private HttpDialer(Network network, HttpClientAgent client, boolean http2) {
    this.network = network;
    this.client = client;
    this.http2 = http2;
  }

  /** On this client, which stays. */
  public static HttpDialer on(Network network, HttpClientAgent shared) {
    return new HttpDialer(network, shared, false);
  }

  /** On this client, which ends with the connection: closing it is the only way to be rid of one that never got as far as HTTP/2. */
  public static HttpDialer http2(Network network, HttpClientAgent own) {
    return new HttpDialer(network, own, true);
  }

  /** A connection, and the client that it lives as long as. */
  public record Made(HttpClientConnection http, HttpClientAgent client, boolean ownClient) implements Connection {
    @Override
    public void close() {
      http.close();
      if (ownClient) {
        client.close();
      }
    }
  }

  @Override
  public Future<Made> connect(SocketAddress address, Endpoint endpoint) {
    return client
        .connect(new HttpConnectOptions().setServer(address).setHost(network.nameOf(endpoint)).setPort(endpoint.port()))
        .map(http -> new Made(http, client, http2));
  }

  @Override
  public @Nullable TributaryException unfit(Made connection, Endpoint endpoint) {
    return http2 && !speaksHttp2(connection.http()) ? network.connectErrors().noHttp2(endpoint) : null;
  }

  /**
   * A peer with TLS that knows no ALPN is talked to in HTTP/1.1, whatever was asked for. Of a connection Vert.x says which it is only so: one of
   * HTTP/1.1 has no settings.
   */
  private static boolean speaksHttp2(HttpClientConnection http) {
    try {
      http.settings();
      return true;
    } catch (UnsupportedOperationException older) {
      return false;
    }
  }

  @Override
  public void discard() {
    if (http2) {
      client.close();
    }
  }
}
