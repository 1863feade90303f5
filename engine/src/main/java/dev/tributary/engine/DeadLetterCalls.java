package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Dead letters of a queue: the jobs of its queue of dead letters, whoever put them there. */
final class DeadLetterCalls implements DeadLetterTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  DeadLetterCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline) {
    return connection.reading(resource).call(
        () -> {
          QueueState letters = letters(resource);
          return letters == null ? List.of() : letters.oldestFirst(max).stream().map(DeadLetterCalls::letter).toList();
        });
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline) {
    return connection.writing(resource).call(
        () -> {
          QueueState letters = letters(resource);
          StoredJob letter = letters == null ? null : letters.find(id);
          if (letters == null || letter == null) {
            throw new NotFoundException(
                ErrorInfo.of("there is no dead letter " + id + " of " + resource, "It may have been replayed; list them"));
          }
          // First the new job: if its schema refuses it now, the letter stays.
          NewJob<byte[]> job = letter.again(LetterHeaders.original(letter.headers), null);
          EnqueueResult again = engine.queues().use(resource).enqueue(List.of(job), true).get(0).orThrow();
          letters.remove(letter);
          return again;
        });
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName resource, Deadline deadline) {
    return connection.administering(resource).run(
        () -> {
          QueueState letters = letters(resource);
          if (letters != null) {
            letters.purge(Scope.ALL, true);
          }
        });
  }

  private @Nullable QueueState letters(ResourceName resource) {
    return engine.queues().use(resource).letters();
  }

  private static DeadLetter<byte[]> letter(StoredJob job) {
    return LetterHeaders.read(job.peeked(0).value(), job.headers).id(job.id).build();
  }
}
