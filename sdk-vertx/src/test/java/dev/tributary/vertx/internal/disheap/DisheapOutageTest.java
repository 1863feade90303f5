package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.SubscriptionState;
import dev.tributary.config.Retry;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.SourceObserver;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A server that is away for longer than its streams have to hold to count as steady. */
class DisheapOutageTest extends DisheapTest {
  private static final Duration PAUSE = Duration.ofMillis(1);

  private final PopServer pops = new PopServer(server);
  private final BlockingQueue<SubscriptionState> states = new LinkedBlockingQueue<>();

  private final class Observed implements SourceObserver<LeasedJob> {
    @Override
    public void onItem(LeasedJob job) {}

    @Override
    public void onState(SubscriptionState state) {
      states.add(state);
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {}
  }

  @Test
  void itIsNotLiveBeforeAStreamIsOpenAgain() throws Exception {
    lists();
    int port = server.listen();
    driver = new DisheapProvider().open(config().retry(Retry.backoff(PAUSE, PAUSE)).endpoint("127.0.0.1", port).build());
    queues().open(NAME, Duration.ofSeconds(9), new Observed());
    assertThat(next(next(pops.streams).asked).hasFilter()).isTrue();
    assertThat(next(states)).isEqualTo(SubscriptionState.LIVE);

    server.close();
    try (ServerSocket closes = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"))) {
      for (int attempt = 0; attempt < 20; attempt++) {
        closes.accept().close();
      }
      assertThat(next(states)).isEqualTo(SubscriptionState.RECONNECTING);
      assertThat(states).isEmpty();
    }
    server.listen(port);
    PopServer.Stream again = next(pops.streams);
    assertThat(next(again.asked).hasFilter()).isTrue();
    assertThat(next(states)).isEqualTo(SubscriptionState.LIVE);
    again.end();
  }
}
