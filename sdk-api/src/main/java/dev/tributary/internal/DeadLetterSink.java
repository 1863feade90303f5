package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.observe.Observation;
import dev.tributary.queue.DeadLetter;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/** Adds to the dead letters of a stream, for its user or for the SDK itself. */
public final class DeadLetterSink {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final Supplier<DeadLetterTransport> transport;
  private final Calls calls;
  private final ResourceName stream;

  /**
   * Of this stream.
   *
   * @param transport only asked if the backend leaves dead letters to its clients
   * @param calls the user's, or the SDK's own
   */
  public DeadLetterSink(Supplier<DeadLetterTransport> transport, Calls calls, ResourceName stream) {
    this.transport = transport;
    this.calls = calls;
    this.stream = stream;
  }

  /** Refuses if the backend does not leave dead letters to its clients. */
  public void require() {
    calls.checks().require(Capability.STREAM_DEAD_LETTERS);
    calls.checks().require(Capability.DEAD_LETTER_ADD);
  }

  /** Adds it; gives its id when that is confirmed. */
  public CompletableFuture<String> add(DeadLetter<byte[]> letter) {
    DeadLetter.Builder<byte[]> complete = letter.toBuilder().id(letter.id().isEmpty() ? id(letter) : letter.id());
    DeadLetter<byte[]> named = (letter.failedAt() == null ? complete.failedAt(calls.time().now()) : complete).build();
    return calls.call(
        "add dead letter",
        stream,
        Calls.Repeat.SAFE,
        Observation.NONE,
        Payloads.size(named.value(), named.headers()),
        deadline -> transport.get().add(stream, named, deadline),
        added -> named.id());
  }

  /** Adds what is given up here of a message, and says so in the log: nobody will be given it any more. */
  public CompletableFuture<String> bury(Message<byte[]> message, DeadLetter<byte[]> letter) {
    String what = "message " + message.partition() + "/" + message.offset() + " of " + stream;
    return Steps.map(
        add(letter),
        id -> {
          int attempts = letter.attempts().orElse(1);
          LOG.log(System.Logger.Level.WARNING, what + " became a dead letter at attempt " + attempts + " (" + letter.reason() + ")");
          return id;
        });
  }

  /** The same for the same message. With its value, since a stream that was made anew has other messages in the same places. */
  private static String id(DeadLetter<byte[]> letter) {
    Position place = letter.position();
    if (place == null) {
      return UUID.randomUUID().toString();
    }
    CRC32 sum = new CRC32();
    sum.update(letter.value());
    return place.partition() + "-" + place.offset() + "-" + Long.toHexString(sum.getValue());
  }
}
