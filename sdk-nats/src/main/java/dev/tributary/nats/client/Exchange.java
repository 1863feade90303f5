package dev.tributary.nats.client;

import dev.tributary.spi.Deadline;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request and what comes of it. Cancelling it frees what it holds once it is known to have left. */
abstract class Exchange<T> extends CompletableFuture<T> {
  final String subject;
  final @Nullable Headers headers;
  final byte[] body;
  final Deadline deadline;
  private final NatsCaller caller;
  /** Its number on its connection; 0 while it waits for one. */
  long number;

  private Exchange(NatsCaller caller, String subject, @Nullable Headers headers, byte[] body, Deadline deadline) {
    this.caller = caller;
    this.subject = subject;
    this.headers = headers;
    this.body = body;
    this.deadline = deadline;
  }

  /** What came; whether that was all. */
  abstract boolean answered(Message message);

  @Override
  public final boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      caller.abandoned(this);
    }
    return cancelled;
  }

  /** One that has one answer. */
  static final class One extends Exchange<Message> {
    One(NatsCaller caller, String subject, @Nullable Headers headers, byte[] body, Deadline deadline) {
      super(caller, subject, headers, body, deadline);
    }

    @Override
    boolean answered(Message message) {
      complete(message);
      return true;
    }
  }

  /** One whose answers end with a status. */
  static final class Many extends Exchange<List<Message>> {
    private final List<Message> messages = new ArrayList<>();

    Many(NatsCaller caller, String subject, byte[] body, Deadline deadline) {
      super(caller, subject, null, body, deadline);
    }

    @Override
    boolean answered(Message message) {
      messages.add(message);
      if (!message.isStatusMessage()) {
        return false;
      }
      complete(messages);
      return true;
    }
  }
}
