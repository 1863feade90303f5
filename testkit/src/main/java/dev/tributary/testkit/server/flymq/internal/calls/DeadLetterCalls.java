package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.DeadLetters;
import dev.tributary.testkit.server.flymq.internal.store.DeadLetters.Letter;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** What failed for good. What goes wrong here is said in the answer, and not as an error. */
public final class DeadLetterCalls {
  private static final Answers.Outcome OFF = new Answers.Outcome(false, "DLQ not enabled");
  private static final CompletableFuture<List<Letter>> NONE = CompletableFuture.completedFuture(List.of());
  private static final String DONE = "OK";

  private final DeadLetters letters;
  private final Executor workers;
  private final boolean on;

  /** {@code workers} read what is in a letter. Without {@code on} there are none. */
  public DeadLetterCalls(DeadLetters letters, Executor workers, boolean on) {
    this.letters = letters;
    this.workers = workers;
    this.on = on;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.FETCH_DLQ, Requests.FetchDeadLetters.class, Requests.FetchDeadLetters::topic, this::fetch)
        .on(Opcode.REPLAY_DLQ, Requests.ReplayDeadLetter.class, Requests.ReplayDeadLetter::topic, this::replay)
        .on(Opcode.PURGE_DLQ, Requests.Name.class, Requests.Name::name, this::purge);
  }

  private CompletableFuture<Answers.DeadLetters> fetch(Requests.FetchDeadLetters request, Call call) {
    CompletableFuture<List<Letter>> found =
        orElse(() -> on ? letters.list(request.topic(), request.max(), workers, call.deadline()) : NONE, refusal -> List.of());
    return Steps.map(found, all -> new Answers.DeadLetters(all.stream().map(Letter::record).map(DeadLetterCalls::shown).toList()));
  }

  private static Answers.DeadLetter shown(DeadLetterRecord letter) {
    return new Answers.DeadLetter(letter.id(), letter.payload(), letter.error(), letter.retries());
  }

  private CompletableFuture<Answers.Outcome> replay(Requests.ReplayDeadLetter request, Call call) {
    return softly(
        () -> letters.replay(request.topic(), request.id(), workers, call.deadline()),
        found -> found ? new Answers.Outcome(true, DONE) : new Answers.Outcome(false, "message not found"));
  }

  private CompletableFuture<Answers.Outcome> purge(Requests.Name request, Call call) {
    return softly(() -> letters.purge(request.name(), call.deadline()), purged -> new Answers.Outcome(true, DONE));
  }

  private CompletableFuture<Answers.Outcome> softly(Supplier<CompletableFuture<Boolean>> change, Function<Boolean, Answers.Outcome> done) {
    return on
        ? orElse(() -> Steps.map(change.get(), done), refusal -> new Answers.Outcome(false, refusal.text()))
        : CompletableFuture.completedFuture(OFF);
  }

  private static <T> CompletableFuture<T> orElse(Supplier<CompletableFuture<T>> operation, Function<Refusal, T> refused) {
    return Steps.otherwise(
        Steps.then(CompletableFuture.completedFuture(true), go -> operation.get()),
        error ->
            error instanceof Refusal refusal
                ? CompletableFuture.completedFuture(refused.apply(refusal))
                : CompletableFuture.failedFuture(error));
  }
}
