package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One try to connect to an endpoint: its addresses one after the other, each within the connect timeout. Event loop only. */
public final class Dial<C extends Dialer.Connection> {
  private final Network network;
  private final Endpoint endpoint;
  private final ContextInternal context;
  private final Supplier<Dialer<C>> dialers;
  private final Outcome<C> outcome;
  private @Nullable TributaryException first;
  private boolean nobody;

  /** What becomes of it: exactly one of these. */
  public interface Outcome<C> {
    void connected(C connection);

    void failed(TributaryException error);
  }

  /** A try that is yet to begin; {@code dialers} gives what connects to an address. */
  public Dial(Network network, Endpoint endpoint, ContextInternal context, Supplier<Dialer<C>> dialers, Outcome<C> outcome) {
    this.network = network;
    this.endpoint = endpoint;
    this.context = context;
    this.dialers = dialers;
    this.outcome = outcome;
  }

  public void begin() {
    at(Endpoints.addresses(endpoint));
  }

  private void at(List<SocketAddress> addresses) {
    Attempt attempt = new Attempt(addresses.subList(1, addresses.size()));
    attempt
        .dialer
        .connect(addresses.get(0), endpoint)
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

  /** At one address. */
  private final class Attempt {
    private final List<SocketAddress> others;
    private final Dialer<C> dialer = dialers.get();
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

    private void connected(C connection) {
      if (over) {
        connection.close();
        return;
      }
      TributaryException unfit = dialer.unfit(connection, endpoint);
      if (unfit != null) {
        connection.close();
        failed(unfit);
        return;
      }
      over = true;
      timer.cancel();
      outcome.connected(connection);
    }

    private void failed(Throwable fault) {
      if (over) {
        return;
      }
      over = true;
      timer.cancel();
      dialer.discard();
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
