package dev.tributary.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ClosingTest {
  private final ManualTime time = new ManualTime();
  private final ScriptedTransport transport = new ScriptedTransport();
  private final Tributary client =
      new Client(
          transport,
          ClientConfig.builder("scripted").time(time).timeout(Duration.ofMinutes(1)).callbackExecutor(ClientConfig.INLINE).build());

  private static CloseTimeoutException late(CompletableFuture<Void> closing) {
    try {
      closing.join();
    } catch (CompletionException failed) {
      return (CloseTimeoutException) failed.getCause();
    }
    throw new AssertionError("it was closed in time");
  }

  @Test
  void plainCallsUnderWayAreWaitedFor() {
    CompletableFuture<Position> published = client.stream("orders").publish(new byte[1]);
    CompletableFuture<Void> closing = client.closeAsync();
    assertThat(closing).isNotDone();
    assertThat(client.stream("orders").publish(new byte[1])).isCompletedExceptionally();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(published).isCompleted();
    assertThat(closing).isCompleted();
  }

  @Test
  void whatDoesNotEndInTimeIsSaidAndLetGo() {
    CompletableFuture<Position> published = client.stream("orders").publish(new byte[1]);
    CompletableFuture<Void> closing = client.closeAsync(Duration.ofSeconds(3));
    time.advance(Duration.ofMillis(2_999));
    assertThat(closing).isNotDone();
    time.advance(Duration.ofMillis(1));
    CloseTimeoutException why = late(closing);
    assertThat(why.count()).isEqualTo(1);
    assertThat(why.unfinished()).containsExactly("publish on default/default/orders");
    assertThat(why).hasMessageContaining("publish on default/default/orders");
    assertThat(published)
        .isCompletedExceptionally()
        .satisfies(call -> assertThatThrownBy(call::join).hasCauseInstanceOf(ClientClosedException.class));
    assertThat(time.waiting()).as("a timer for deadlines may be kept for others to join").isLessThanOrEqualTo(1);
  }

  @Test
  void theShortestTimeCounts() {
    client.stream("orders").publish(new byte[1]);
    CompletableFuture<Void> first = client.closeAsync(Duration.ofMinutes(5));
    CompletableFuture<Void> second = client.closeAsync(Duration.ofSeconds(1));
    CompletableFuture<Void> third = client.closeAsync(Duration.ofMinutes(1));
    time.advance(Duration.ofSeconds(1));
    for (CompletableFuture<Void> closing : List.of(first, second, third)) {
      assertThat(late(closing).count()).isEqualTo(1);
    }
  }

  @Test
  void aFutureOfACloseIsItsCallersOwn() {
    client.stream("orders").publish(new byte[1]);
    CompletableFuture<Void> mine = client.closeAsync();
    CompletableFuture<Void> other = client.closeAsync();
    mine.complete(null);
    assertThat(other).isNotDone();
    transport.call(0).succeed(ScriptedTransport.stored(0, 1));
    assertThat(other).isCompleted();
  }

  @Test
  void closingForGoodSaysTheErrorItself() {
    client.stream("orders").publish(new byte[1]);
    client.closeAsync(Duration.ZERO);
    time.advance(Duration.ZERO);
    assertThatThrownBy(() -> client.close(Duration.ZERO)).isInstanceOf(CloseTimeoutException.class);
  }
}
