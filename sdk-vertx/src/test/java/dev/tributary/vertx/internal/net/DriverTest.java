package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DriverTest {
  private final Network network = Network.own(ClientConfig.builder("test").endpoint("127.0.0.1", 1).build(), 1);
  private final List<TributaryException> reasons = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    network.close().get(10, TimeUnit.SECONDS);
  }

  private Driver driver(Supplier<CompletableFuture<Void>> end) {
    return new Driver("test", Set.of(), Limits.NONE, network) {
      @Override
      public HealthTransport health() {
        throw new UnsupportedOperationException();
      }

      @Override
      protected CompletableFuture<Void> end(TributaryException reason) {
        reasons.add(reason);
        return end.get();
      }
    };
  }

  /** Nothing runs on it any more. */
  private boolean networkIsClosed() {
    return !OnLoop.run(network.loop(), "", ignored -> {});
  }

  @Test
  void isClosedOnceHoweverOftenItIsAskedAndItsNetworkAfterTheRest() throws Exception {
    CompletableFuture<Void> ending = new CompletableFuture<>();
    Driver driver = driver(() -> ending);
    CompletableFuture<Void> closed = driver.close();
    driver.close();
    assertThat(reasons).singleElement().isInstanceOf(ClientClosedException.class);
    assertThat(closed).isNotDone();
    assertThat(networkIsClosed()).isFalse();
    ending.complete(null);
    closed.get(10, TimeUnit.SECONDS);
    assertThat(networkIsClosed()).isTrue();
  }

  @Test
  void whatCannotBeEndedIsSaidAndKeepsNoThreads() {
    IllegalStateException stuck = new IllegalStateException("stuck");
    Driver failing = driver(() -> CompletableFuture.failedFuture(stuck));
    assertThatThrownBy(() -> failing.close().get(10, TimeUnit.SECONDS)).hasCause(stuck);
    assertThat(networkIsClosed()).isTrue();
  }

  @Test
  void whatThrowsInPlaceOfEndingIsSaidAndKeepsNoThreads() {
    IllegalStateException defect = new IllegalStateException("defect");
    Driver throwing =
        driver(
            () -> {
              throw defect;
            });
    assertThatThrownBy(() -> throwing.close().get(10, TimeUnit.SECONDS)).hasCause(defect);
    assertThat(networkIsClosed()).isTrue();
  }
}
