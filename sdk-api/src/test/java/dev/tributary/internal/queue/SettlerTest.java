package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.internal.FakeTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SettlerTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);
  private final Settler settler = new Settler(backend, new ResourceName("t", "n", "q"), 100);

  private CompletableFuture<Settlement.Result> ack(String id, TimeSource time) {
    return settler.settle(
        new Settlement(Settlement.Kind.ACK, backend.job(id), null, null), Deadline.after(time, Duration.ofMinutes(1)));
  }

  /** Who cancels and who sends both see that an ack was cancelled: that must not take a second one with it. */
  @Test
  void anAckThatIsCancelledWhileItIsBeingSentTakesNoOtherWithIt() throws Exception {
    CompletableFuture<List<Outcome<Settlement.Result>>> first = new CompletableFuture<>();
    CompletableFuture<List<Outcome<Settlement.Result>>> second = new CompletableFuture<>();
    backend.nextSettles.add(settlements -> first);
    backend.nextSettles.add(settlements -> second);
    CountDownLatch sending = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    CountDownLatch sent = new CountDownLatch(1);
    ack("under way", transport.time);
    CompletableFuture<Settlement.Result> kept = ack("kept", transport.time);
    CompletableFuture<Settlement.Result> dropped =
        ack(
            "dropped",
            new Hooked(
                () -> {
                  if (first.isDone()) {
                    sending.countDown();
                    await(cancelled);
                  }
                }));
    dropped.whenComplete(
        (done, error) -> {
          cancelled.countDown();
          await(sent);
        });
    Thread canceller =
        new Thread(
            () -> {
              await(sending);
              dropped.cancel(true);
            });
    canceller.start();
    first.complete(backend.done(backend.settles.get(0)));
    sent.countDown();
    canceller.join(20_000);
    assertThat(dropped).isCancelled();
    assertThat(second).isNotDone();
    second.complete(backend.done(backend.settles.get(1)));
    assertThat(kept).isCompletedWithValue(Settlement.Result.DONE);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatATransportThrowsFailsTheseSettlementsAndNoLaterOnes() {
    backend.nextSettles.add(
        settlements -> {
          throw new StackOverflowError();
        });
    backend.nextSettles.add(settlements -> null);
    backend.nextSettles.add(settlements -> CompletableFuture.completedFuture(List.of()));
    for (int i = 0; i < 3; i++) {
      assertThat(ack("bad-" + i, transport.time)).isCompletedExceptionally();
    }
    assertThat(ack("good", transport.time)).isCompletedWithValue(Settlement.Result.DONE);
  }

  /** The time of the transport, and something that happens whenever it is asked for. */
  private final class Hooked implements TimeSource {
    private final Runnable hook;

    Hooked(Runnable hook) {
      this.hook = hook;
    }

    @Override
    public Instant now() {
      return transport.time.now();
    }

    @Override
    public long nanos() {
      hook.run();
      return transport.time.nanos();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return transport.time.schedule(delay, task);
    }
  }
}
