package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One try to connect to an endpoint: its addresses one after the other, each within the connect timeout. Event loop only. */
public final class Dial {
  private final Network network;
  private final Endpoint endpoint;
  private final ContextInternal context;
  private final Supplier<HttpClientAgent> clients;
  private final Consumer<HttpClientAgent> discard;
  private final boolean http2;
  private final Outcome outcome;
  private @Nullable TributaryException first;
  private boolean nobody;

  /** What becomes of it: exactly one of these. */
  public interface Outcome {
    void connected(HttpClientConnection http, HttpClientAgent client);

    void failed(TributaryException error);
  }

  /**
   * A try that is yet to begin.
   *
   * @param clients gives what connects to an address
   * @param discard takes it back if it did not
   * @param http2 whether nothing older will do
   */
  public Dial(
      Network network,
      Endpoint endpoint,
      ContextInternal context,
      Supplier<HttpClientAgent> clients,
      Consumer<HttpClientAgent> discard,
      boolean http2,
      Outcome outcome) {
    this.network = network;
    this.endpoint = endpoint;
    this.context = context;
    this.clients = clients;
    this.discard = discard;
    this.http2 = http2;
    this.outcome = outcome;
  }

  public void begin() {
    at(Endpoints.addresses(endpoint));
  }

  private void at(List<SocketAddress> addresses) {
    Attempt attempt = new Attempt(addresses.subList(1, addresses.size()));
    attempt
        .client
        .connect(new HttpConnectOptions().setServer(addresses.get(0)).setHost(endpoint.host()).setPort(endpoint.port()))
        .onComplete(
            made ->
                OnLoop.run(
                    context,
                    attempt,
                    self -> {
                      if (made.failed()) {
                        self.failed(made.cause());
                      } else {
                        self.connected(made.result());
                      }
                    }));
  }

  /** A peer with TLS that knows no ALPN is talked to in HTTP/1.1, whatever was asked for. */
  private static boolean speaksHttp2(HttpClientConnection http) {
    try {
      http.settings();
      return true;
    } catch (UnsupportedOperationException older) {
      return false;
    }
  }

  /** At one address. */
  private final class Attempt {
    private final List<SocketAddress> others;
    private final HttpClientAgent client = clients.get();
    private final TimeSource.Timer timer =
        LoopTimer.after(
            network.time(),
            context,
            network.config().connectTimeout(),
            () -> failed(network.connectErrors().silent(endpoint, network.config().connectTimeout())));

    private boolean over;

    Attempt(List<SocketAddress> others) {
      this.others = others;
    }

    private void connected(HttpClientConnection http) {
      if (over) {
        http.close();
        return;
      }
      if (http2 && !speaksHttp2(http)) {
        http.close();
        failed(network.connectErrors().noHttp2(endpoint));
        return;
      }
      over = true;
      timer.cancel();
      outcome.connected(http, client);
    }

    private void failed(Throwable fault) {
      if (over) {
        return;
      }
      over = true;
      timer.cancel();
      discard.accept(client);
      TributaryException error = fault instanceof TributaryException known ? known : network.connectErrors().of(endpoint, fault);
      if (!error.retryable()) {
        // Somebody is there and has spoken: who listens at another address, if anybody, is not who was meant.
        outcome.failed(error);
        return;
      }
      boolean refused = fault instanceof ConnectException;
      // That nobody listens says less than what somebody did who does.
      if (first == null || nobody && !refused) {
        first = error;
        nobody = refused;
      }
      if (!others.isEmpty()) {
        at(others);
      } else {
        outcome.failed(first);
      }
    }
  }
}
