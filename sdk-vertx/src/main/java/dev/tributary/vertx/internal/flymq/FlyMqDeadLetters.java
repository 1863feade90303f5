package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Dead letters of streams: what clients put into the topic {@code <topic>.dlq}, as far as the server shows it, which is the first thousand records. */
final class FlyMqDeadLetters implements DeadLetterTransport {
  /** A letter that nobody wrote. */
  private static final String NONE = "tributary-none";

  private final FlyMqCaller caller;
  private final Topics topics;
  private final FlyMqMapping mapping;

  FlyMqDeadLetters(FlyMqCaller caller, Topics topics, FlyMqMapping mapping) {
    this.caller = caller;
    this.topics = topics;
    this.mapping = mapping;
  }

  private <T> CompletableFuture<T> with(ResourceName stream, Deadline deadline, Function<String, CompletableFuture<T>> call) {
    String topic;
    try {
      topic = mapping.topic(stream);
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    }
    return Steps.then(topics.ask(topic, deadline), there -> call.apply(topic));
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline) {
    return with(
        resource,
        deadline,
        topic ->
            Steps.then(
                caller.call(
                    Opcode.FETCH_DLQ,
                    topic,
                    new Requests.FetchDeadLetters(topic, Math.min(max, Topics.PAGE)),
                    Answers.DeadLetters.class,
                    deadline),
                answer ->
                    answer.letters().isEmpty()
                        ? Steps.map(requireOn(topic, deadline), on -> List.<DeadLetter<byte[]>>of())
                        : CompletableFuture.completedFuture(answer.letters().stream().map(FlyMqDeadLetters::letter).toList())));
  }

  /** A server without dead letters shows none; only who wants to put one back hears why. */
  private CompletableFuture<Void> requireOn(String topic, Deadline deadline) {
    return Steps.recover(
        done(Opcode.REPLAY_DLQ, topic, new Requests.ReplayDeadLetter(topic, NONE), deadline),
        error -> error instanceof NotFoundException ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(error));
  }

  private static DeadLetter<byte[]> letter(Answers.DeadLetter letter) {
    Envelope content = Envelope.decode(letter.payload());
    int attempts = Math.max(0, Math.min(letter.retries(), Integer.MAX_VALUE - 1)) + 1;
    return new DeadLetter<>(letter.id(), content.value(), content.headers(), OptionalInt.of(attempts), letter.error(), null);
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline) {
    return with(
        resource,
        deadline,
        topic ->
            Steps.map(
                done(Opcode.REPLAY_DLQ, topic, new Requests.ReplayDeadLetter(topic, id), deadline),
                replayed -> new EnqueueResult(id, OptionalLong.empty(), false, 0)));
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName resource, Deadline deadline) {
    return with(resource, deadline, topic -> done(Opcode.PURGE_DLQ, topic, new Requests.Name(topic), deadline));
  }

  private CompletableFuture<Void> done(Opcode opcode, String topic, Message request, Deadline deadline) {
    return Steps.map(
        caller.call(opcode, topic, request, Answers.Outcome.class, deadline),
        outcome -> {
          if (!outcome.success()) {
            throw FlyMqErrors.of(opcode, outcome.message());
          }
          return null;
        });
  }
}
