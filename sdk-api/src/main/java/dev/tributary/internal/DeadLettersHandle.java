package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.UndecodableException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.DeadLetters;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterTransport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The dead letters of a stream or a queue. */
public final class DeadLettersHandle<T> implements DeadLetters<T> {
  private final Supplier<DeadLetterTransport> transport;
  private final Calls calls;
  private final ResourceName resource;
  private final Payloads<T> payloads;
  private final Capability needed;
  private final DeadLetterSink sink;

  /**
   * Of this stream or queue.
   *
   * @param transport only asked if the backend has what is needed
   * @param needed {@code STREAM_DEAD_LETTERS} or {@code DEAD_LETTERS}
   */
  public DeadLettersHandle(
      Supplier<DeadLetterTransport> transport, Calls calls, ResourceName resource, Payloads<T> payloads, Capability needed) {
    this.transport = transport;
    this.calls = calls;
    this.resource = resource;
    this.payloads = payloads;
    this.needed = needed;
    this.sink = new DeadLetterSink(transport, calls, resource);
  }

  @Override
  public CompletableFuture<List<DeadLetter<T>>> list(int max) {
    return calls.checked(
        "list dead letters",
        resource,
        () -> {
          DeadLetterTransport letters = letters(needed);
          Checks.atLeastOne("max", max);
          return calls.call(
              "list dead letters",
              resource,
              Calls.Repeat.SAFE,
              deadline -> letters.list(resource, max, deadline),
              found -> found.stream().map(this::decode).toList());
        });
  }

  @Override
  public CompletableFuture<String> add(DeadLetter<T> letter) {
    return calls.checked(
        "add dead letter",
        resource,
        () -> {
          if (needed != Capability.STREAM_DEAD_LETTERS) {
            throw new UnsupportedFeatureException(
                ErrorInfo.of(calls.transport().backend() + " makes dead letters of jobs itself", "Reject the job, which makes it one"));
          }
          sink.require();
          Checks.present("dead letter", letter);
          Checks.wellFormed("id", letter.id());
          Checks.wellFormed("reason", letter.reason());
          Checks.headers(letter.headers());
          if (letter.key() != null) {
            calls.checks().key(letter.key());
          }
          UndecodableException undecodable = letter.undecodable();
          return sink.add(letter.withValue(undecodable == null ? payloads.encode(letter.value()) : undecodable.bytes()));
        });
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(String id) {
    return calls.checked(
        "replay dead letter",
        resource,
        () -> {
          DeadLetterTransport letters = letters(Capability.DEAD_LETTER_REPLAY);
          Checks.notEmpty("id", id);
          return calls.call(
              "replay dead letter", resource, Calls.Repeat.UNLESS_APPLIED, deadline -> letters.replay(resource, id, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> purge() {
    return calls.checked(
        "purge dead letters",
        resource,
        () -> {
          DeadLetterTransport letters = letters(Capability.DEAD_LETTER_PURGE);
          return calls.call("purge dead letters", resource, Calls.Repeat.SAFE, deadline -> letters.purge(resource, deadline));
        });
  }

  private DeadLetterTransport letters(Capability operation) {
    calls.checks().require(needed);
    calls.checks().require(operation);
    return transport.get();
  }

  private DeadLetter<T> decode(DeadLetter<byte[]> letter) {
    try {
      return letter.withValue(payloads.decode(letter.value(), "dead letter", letter.id()));
    } catch (UndecodableException why) {
      return letter.withoutValue(why.at(calls.transport().backend(), "list dead letters", resource.toString()));
    }
  }
}
