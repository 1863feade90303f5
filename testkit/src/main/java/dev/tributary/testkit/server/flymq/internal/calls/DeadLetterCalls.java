package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.DeadLetters;
import dev.tributary.testkit.server.flymq.internal.store.DeadLetters.Letter;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.testkit.server.internal.grpc.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What failed for good. What goes wrong here is said in the answer, and not as an error. */
public final class DeadLetterCalls {
  private static final Answers.Outcome OFF = new Answers.Outcome(false, "DLQ not enabled");
  private static final String DONE = "OK";

  private final DeadLetters letters;
  private final boolean on;

  /** Without {@code on} there are none. */
  public DeadLetterCalls(DeadLetters letters, boolean on) {
    this.letters = letters;
    this.on = on;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.FETCH_DLQ, Requests.FetchDeadLetters.class, Requests.FetchDeadLetters::topic, this::fetch)
        .on(Opcode.REPLAY_DLQ, Requests.ReplayDeadLetter.class, Requests.ReplayDeadLetter::topic, this::replay)
        .on(Opcode.PURGE_DLQ, Requests.Name.class, Requests.Name::name, this::purge);
  }

  private CompletableFuture<Answers.DeadLetters> fetch(Requests.FetchDeadLetters request, Call call) {
    return on
        ? Steps.map(
            Steps.recover(
                letters.list(request.topic(), request.max(), call.deadline()),
                error -> error instanceof Refusal ? CompletableFuture.completedFuture(List.of()) : CompletableFuture.failedFuture(error)),
            found -> new Answers.DeadLetters(found.stream().map(Letter::record).map(DeadLetterCalls::shown).toList()))
        : CompletableFuture.completedFuture(new Answers.DeadLetters(List.of()));
  }

  private static Answers.DeadLetter shown(DeadLetterRecord letter) {
    return new Answers.DeadLetter(letter.id(), letter.payload(), letter.error(), letter.retries());
  }

  private CompletableFuture<Answers.Outcome> replay(Requests.ReplayDeadLetter request, Call call) {
    return on
        ? softly(
            Steps.map(
                letters.replay(request.topic(), request.id(), call.deadline()),
                found -> found ? new Answers.Outcome(true, DONE) : new Answers.Outcome(false, "message not found")))
        : CompletableFuture.completedFuture(OFF);
  }

  private CompletableFuture<Answers.Outcome> purge(Requests.Name request, Call call) {
    return on
        ? softly(Steps.map(letters.purge(request.name(), call.deadline()), purged -> new Answers.Outcome(true, DONE)))
        : CompletableFuture.completedFuture(OFF);
  }

  private static CompletableFuture<Answers.Outcome> softly(CompletableFuture<Answers.Outcome> done) {
    return Steps.recover(
        done,
        error ->
            error instanceof Refusal refusal
                ? CompletableFuture.completedFuture(new Answers.Outcome(false, refusal.text()))
                : CompletableFuture.failedFuture(error));
  }
}
