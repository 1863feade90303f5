package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.UndecodableException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.internal.Checks;
import dev.tributary.internal.DeadLetterSink;
import dev.tributary.internal.Reason;
import dev.tributary.observe.Observation;
import dev.tributary.queue.DeadLetter;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.OnUndecodable;
import dev.tributary.stream.Position;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Deals with messages that the codec cannot decode, as the user has said. */
final class Undecodables {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final Calls calls;
  private final StreamTransport transport;
  private final ResourceName stream;
  private final OnUndecodable policy;
  private final DeadLetterSink own;
  private final @Nullable ResourceName deadLetters;

  /** Refuses a policy that cannot be carried out. */
  Undecodables(Calls calls, StreamTransport transport, ResourceName stream, OnUndecodable policy, DeadLetterSink own) {
    this.calls = calls;
    this.transport = transport;
    this.stream = stream;
    this.policy = policy;
    this.own = own;
    if (policy == OnUndecodable.Policy.DEAD_LETTER) {
      own.require();
    }
    this.deadLetters =
        policy instanceof OnUndecodable.DeadLetter letters
            ? ResourceName.parse(Checks.present("stream", letters.stream()), calls.config().tenant(), calls.config().namespace())
            : null;
  }

  /** Whether such a message ends the reading at once. */
  boolean fails() {
    return policy == OnUndecodable.Policy.FAIL;
  }

  /** Completes when the reading goes on without the message; fails with what ends it. On the callback executor. */
  CompletableFuture<Void> handle(Message<byte[]> message, Throwable why) {
    if (!(why instanceof UndecodableException undecodable)) {
      return CompletableFuture.failedFuture(why);
    }
    if (fails()) {
      return CompletableFuture.failedFuture(located(undecodable));
    }
    if (policy instanceof OnUndecodable.Skip skip) {
      try {
        skip.listener().accept(located(undecodable));
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.ERROR, "A listener of " + stream + " threw", thrown);
      }
      return CompletableFuture.completedFuture(null);
    }
    return Steps.map(
        deadLetters == null ? add(message, undecodable) : publish(deadLetters, message, undecodable),
        stored -> null,
        failed -> {
          failed.addSuppressed(why);
          throw failed;
        });
  }

  private CompletableFuture<String> add(Message<byte[]> message, UndecodableException why) {
    return own.bury(message, DeadLetter.builder(message).attempts(1).reason(Reason.of(why)).build());
  }

  /** Another try may store it twice, which is better than not at all. */
  private CompletableFuture<String> publish(ResourceName to, Message<byte[]> message, UndecodableException why) {
    List<Event<byte[]>> letter = List.of(letter(message, why));
    return Steps.map(
        calls
            .steps()
            .single("publish", to, Repeat.SAFE, Observation.NONE, message.value().length, deadline -> transport.publish(to, letter, deadline)),
        Position::toString);
  }

  private UndecodableException located(UndecodableException error) {
    return error.at(calls.transport().backend(), "consume", stream.toString());
  }

  private Event<byte[]> letter(Message<byte[]> message, UndecodableException why) {
    Event.Builder<byte[]> letter = Event.builder(message.value());
    if (calls.checks().has(Capability.EVENT_KEYS)) {
      letter.key(message.key());
    }
    if (calls.checks().has(Capability.EVENT_HEADERS)) {
      Map<String, String> headers = new HashMap<>(message.headers());
      headers.put(DeadLetterHeaders.STREAM, stream.toString());
      headers.put(DeadLetterHeaders.POSITION, message.partition() + "/" + message.offset());
      headers.put(DeadLetterHeaders.FAILED_AT, calls.time().now().toString());
      headers.put(DeadLetterHeaders.REASON, reason(why));
      letter.headers(headers);
    }
    return letter.build();
  }

  /** One line of plain text, because it becomes a header. */
  private static String reason(UndecodableException why) {
    String text = String.valueOf(Steps.unwrap(why).getMessage()).replaceAll("[^\\x20-\\x7e]+", " ");
    return text.length() > 500 ? text.substring(0, 500) : text;
  }
}
