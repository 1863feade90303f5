package dev.tributary.vertx.internal.disheap;

import dev.tributary.ResourceName;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Fit;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.source.ResumingSource;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Jobs as they are wanted: a PopStream after the other, whose credits are the demand. */
final class DisheapSource extends ResumingSource<LeasedJob> {
  private final DisheapQueues queues;
  private final ResourceName queue;
  private final Duration lease;
  private final TimeSource time;
  private final long steady;
  private final Consumer<DisheapSource> onOver;
  private final Fit fit = new Fit(DisheapDriver.PAYLOAD_BYTES);
  /** What is here and not delivered, and its bytes. */
  private final ArrayDeque<LeasedJob> waiting = new ArrayDeque<>();

  private long waitingBytes;
  private @Nullable CompletableFuture<Mode> asking;
  private @Nullable Heap from;
  private @Nullable Pop pop;
  private boolean granting;

  DisheapSource(
      DisheapQueues queues,
      ResourceName queue,
      Duration lease,
      ContextInternal loop,
      Network network,
      SourceObserver<LeasedJob> observer,
      Consumer<DisheapSource> onOver) {
    super(loop, network, observer);
    this.queues = queues;
    this.queue = queue;
    this.lease = lease;
    this.time = network.time();
    this.steady = Deadline.nanos(network.config().retry().maxBackoff());
    this.onOver = onOver;
  }

  @Override
  protected void begin(int session) {
    Heap heap;
    try {
      heap = queues.heaps().of(queue);
    } catch (InvalidRequestException unspeakable) {
      end(unspeakable);
      return;
    }
    CompletableFuture<Mode> mode = queues.heaps().mode(heap);
    asking = mode;
    mode.whenComplete((known, error) -> OnLoop.run(loop, session, number -> open(number, heap, known, error)));
  }

  private void open(int session, Heap heap, @Nullable Mode mode, @Nullable Throwable error) {
    if (!current(session)) {
      return;
    }
    asking = null;
    from = heap;
    if (mode != null) {
      pop = queues.pop(heap, mode, lease, loop, new Session(session, heap));
      wanted();
    } else if (error != null && Steps.unwrap(error) instanceof TributaryException known) {
      failed(session, known);
    } else {
      throw new IllegalStateException("neither a mode nor an error", error);
    }
  }

  /** One stream of the many that a source may take. */
  private final class Session implements Pop.Taker {
    private final int number;
    private final Heap heap;
    private boolean opened;
    private long openedAt;

    Session(int number, Heap heap) {
      this.number = number;
      this.heap = heap;
    }

    @Override
    public void onOpen() {
      opened = true;
      openedAt = time.nanos();
      live(number);
    }

    @Override
    public void onJob(LeasedJob job) {
      works(number);
      if (!current(number)) {
        queues.leases().giveBack(heap, job);
        return;
      }
      fit.saw(job.value().length);
      waiting.add(job);
      waitingBytes += job.value().length;
      arrived(number, job);
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      pop = null;
      if (error != null) {
        Heaps.failed(heap, error);
      }
      if (opened && time.nanos() - openedAt > steady) {
        // It was silent, as a queue without jobs is, but it held.
        works(number);
      }
      failed(
          number,
          error != null
              ? error
              : new ConnectionFailedException(ErrorInfo.of("the server ended the stream of jobs", "It restarts, or has something against it; look at its log")));
    }
  }

  /** Once for all that is asked for in one turn of the event loop. */
  @Override
  protected void wanted() {
    if (pop != null && !granting) {
      granting = true;
      loop.runOnContext(
          later -> {
            granting = false;
            if (pop != null) {
              pop.want(Math.min(room(), fit.in(observer().room() - waitingBytes)));
            }
          });
    }
  }

  @Override
  protected CompletableFuture<Void> stop() {
    if (asking != null) {
      asking.cancel(true);
      asking = null;
    }
    Pop open = pop;
    pop = null;
    Heap heap = from;
    if (heap != null) {
      waiting.forEach(job -> queues.leases().giveBack(heap, job));
    }
    waiting.clear();
    waitingBytes = 0;
    return open == null ? CompletableFuture.completedFuture(null) : open.leave();
  }

  @Override
  protected void delivered(LeasedJob job) {
    waiting.remove();
    waitingBytes -= job.value().length;
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }
}
