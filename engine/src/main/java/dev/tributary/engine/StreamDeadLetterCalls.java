package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters of a stream: the events of its stream of dead letters that say by their headers that they are some, whether a group gave them up or
 * somebody added them.
 */
final class StreamDeadLetterCalls implements DeadLetterTransport {
  private static final System.Logger LOG = System.getLogger("dev.tributary.engine");

  private final MemoryEngine engine;
  private final Connection connection;

  StreamDeadLetterCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline) {
    return connection.reading(resource).call(
        () -> {
          List<StoredEvent> events = all(letters(resource));
          List<StoredEvent> letters = events.stream().filter(StreamDeadLetterCalls::isLetter).toList();
          if (letters.size() < events.size()) {
            LOG.log(System.Logger.Level.DEBUG, "Among the dead letters of {0} there are {1} events that are none", resource, events.size() - letters.size());
          }
          return letters.stream().limit(max).map(StreamDeadLetterCalls::letter).toList();
        });
  }

  @Override
  public CompletableFuture<Void> add(ResourceName stream, DeadLetter<byte[]> letter, Deadline deadline) {
    return connection.writing(StreamLog.lettersOf(stream)).run(
        () -> {
          StreamLog letters = engine.streams().use(stream).useLetters();
          if (find(letters, letter.id()) == null) {
            Position position = letter.position();
            Event<byte[]> event =
                Event.builder(letter.value()).key(letter.key()).headers(LetterHeaders.of(letter, stream.toString())).build();
            letters.store(event, Math.min(position == null ? 0 : position.partition(), letters.partitions() - 1));
          }
        });
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline) {
    return connection.writing(resource).call(
        () -> {
          StreamLog letters = letters(resource);
          StoredEvent found = find(letters, id);
          if (letters == null || found == null) {
            throw new NotFoundException(
                ErrorInfo.of("there is no dead letter " + id + " of " + resource, "It may have been replayed; list them"));
          }
          StreamLog stream = engine.streams().use(resource);
          DeadLetter<byte[]> letter = letter(found);
          Position before = letter.position();
          Event.Builder<byte[]> event = Event.builder(letter.value()).key(letter.key()).headers(letter.headers());
          if (before != null && before.partition() < stream.partitions()) {
            event.partition(before.partition());
          }
          // First the new event: if its schema refuses it now, the letter stays.
          Position again = stream.publish(List.of(event.build())).get(0).orThrow();
          letters.remove(found);
          return new EnqueueResult(LetterHeaders.text(again), OptionalLong.of(again.offset()), false, again.partition());
        });
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName resource, Deadline deadline) {
    return connection.administering(resource).run(
        () -> {
          StreamLog letters = letters(resource);
          if (letters != null) {
            all(letters).forEach(letters::remove);
          }
        });
  }

  private @Nullable StreamLog letters(ResourceName resource) {
    return engine.streams().use(resource).letters();
  }

  /** Oldest first. */
  private static List<StoredEvent> all(@Nullable StreamLog letters) {
    return letters == null ? List.of() : letters.events().stream().sorted(Comparator.comparing(StoredEvent::storedAt)).toList();
  }

  private static boolean isLetter(StoredEvent event) {
    return event.message().headers().containsKey(DeadLetterHeaders.STREAM);
  }

  private static @Nullable StoredEvent find(@Nullable StreamLog letters, String id) {
    return all(letters).stream().filter(event -> isLetter(event) && letter(event).id().equals(id)).findFirst().orElse(null);
  }

  /** One without a name is called by its place. */
  private static DeadLetter<byte[]> letter(StoredEvent event) {
    Message<byte[]> message = event.message();
    return LetterHeaders.read(message.value(), message.headers())
        .id(message.headers().getOrDefault(DeadLetterHeaders.ID, LetterHeaders.text(message.position())))
        .key(message.key())
        .build();
  }
}
