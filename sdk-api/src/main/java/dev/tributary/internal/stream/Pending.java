package dev.tributary.internal.stream;

import dev.tributary.error.ClientClosedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.concurrent.CompletableFuture;

/** An event that a publisher accepted, and the future its user holds. */
final class Pending extends CompletableFuture<Position> {
  final Event<byte[]> event;
  final int bytes;
  final Deadline deadline;
  private boolean sent;
  private boolean withdrawn;

  Pending(Event<byte[]> event, int bytes, Deadline deadline) {
    this.event = event;
    this.bytes = bytes;
    this.deadline = deadline;
  }

  /** Only while it waits for its batch. */
  @Override
  public boolean cancel(boolean mayInterrupt) {
    synchronized (this) {
      if (sent) {
        return isCancelled();
      }
      withdrawn = true;
    }
    return super.cancel(mayInterrupt);
  }

  /** It goes on the wire, unless it was withdrawn. */
  synchronized boolean send() {
    sent = !withdrawn;
    return sent;
  }

  /** Whether it is to be sent in a try that is made now. */
  boolean isWanted() {
    return !deadline.expired();
  }

  void fail(TributaryException why) {
    completeExceptionally(why);
  }

  TributaryException expiredError(boolean maybeApplied) {
    return new DeadlineExceededException(
        ErrorInfo.of(
                "no answer within " + deadline.timeout(),
                maybeApplied
                    ? "Check that the server is up and reachable, or raise the timeout"
                    : "It waited too long to be sent; send less at a time, or raise the timeout")
            .maybeApplied(maybeApplied));
  }

  static TributaryException closedError(boolean maybeApplied) {
    return new ClientClosedException(
        ErrorInfo.of("the publisher was closed before the event was confirmed", "Give the close more time").maybeApplied(maybeApplied));
  }
}
