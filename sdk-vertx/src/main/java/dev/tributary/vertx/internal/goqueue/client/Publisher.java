package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes: in order, in as few requests as the server takes. What has neither a partition nor a key goes to each partition in turn, which is
 * decided here since the public server leaves some out. Thread-safe.
 */
public class Publisher {
  /** What the JSON of a message takes besides its value, about. */
  private static final int AROUND = 64;

  private final Api api;
  private final Topics topics;
  private final Map<String, AtomicInteger> roundRobin = new ConcurrentHashMap<>();

  /** Whether the last publish got no answer. */
  private volatile boolean doubtful;
  private volatile @Nullable CompletableFuture<Void> question;

  public Publisher(Api api, Topics topics) {
    this.api = api;
    this.topics = topics;
  }

  /** Publishes to the topic of a stream or queue: an outcome for each event, in order. */
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName to, List<Event<byte[]>> events, Deadline deadline) {
    return publish(topics.of(to), events, deadline);
  }

  /** Publishes to a topic: an outcome for each event, in order. */
  public CompletableFuture<List<Outcome<Position>>> publish(String topic, List<Event<byte[]>> events, Deadline deadline) {
    boolean keyless = false;
    for (Event<byte[]> event : events) {
      keyless |= free(event);
    }
    CompletableFuture<Integer> partitions = keyless ? topics.partitions(topic, deadline) : CompletableFuture.completedFuture(1);
    return Steps.then(
        partitions, known -> Steps.then(check(topic, events, deadline), refusing -> send(topic, events, known, refusing, deadline)));
  }

  /** What throws for an event that this server cannot publish as it is. */
  protected CompletableFuture<Consumer<Event<byte[]>>> check(String topic, List<Event<byte[]>> events, Deadline deadline) {
    return CompletableFuture.completedFuture(event -> {});
  }

  /** Whether nothing says where it goes. */
  private static boolean free(Event<byte[]> event) {
    return event.key() == null && event.partition().isEmpty();
  }

  private CompletableFuture<List<Outcome<Position>>> send(
      String topic, List<Event<byte[]>> events, int partitions, Consumer<Event<byte[]>> refusing, Deadline deadline) {
    @Nullable Outcome<Position>[] outcomes = outcomes(events.size());
    long bytes = 0;
    for (Event<byte[]> event : events) {
      bytes += event.value().length + AROUND;
    }
    PublishBody body = new PublishBody((int) Math.min(Sizes.REQUEST_BYTES, bytes));
    for (int i = 0; i < outcomes.length; i++) {
      Event<byte[]> event = events.get(i);
      try {
        refusing.accept(event);
        body.add(i, event, free(event) && partitions > 1 ? nextPartition(topic, partitions) : event.partition().orElse(-1));
      } catch (TributaryException refused) {
        outcomes[i] = Outcome.failed(refused);
      }
    }
    List<PublishBody.Request> requests = body.finish();
    String path = Topics.path(topic) + "/messages";
    return Steps.map(
        Steps.inOrder(requests, request -> send(topic, events, path, request, deadline)),
        answers -> {
          for (int r = 0; r < requests.size(); r++) {
            List<Integer> indexes = requests.get(r).indexes();
            Outcome<List<Outcome<Position>>> answer = answers.get(r);
            for (int i = 0; i < indexes.size(); i++) {
              outcomes[indexes.get(i)] = answer.value() == null ? Outcome.failed(Objects.requireNonNull(answer.error())) : answer.value().get(i);
            }
          }
          return List.of(outcomes);
        });
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static @Nullable Outcome<Position>[] outcomes(int size) {
    return new Outcome[size];
  }

  /** The partition, of so many, that is next in turn for what says nothing of it. */
  public int nextPartition(String topic, int partitions) {
    AtomicInteger turn = roundRobin.computeIfAbsent(topic, first -> new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 16)));
    return Math.floorMod(turn.getAndIncrement(), partitions);
  }

  private CompletableFuture<List<Outcome<Position>>> send(
      String topic, List<Event<byte[]>> events, String path, PublishBody.Request request, Deadline deadline) {
    return Steps.translate(
        Steps.then(
            beSure(),
            sure -> Steps.map(posted(path, request.body(), deadline), answer -> positions(topic, events, request.indexes(), answer.results()))),
        error -> {
          if (error instanceof NotFoundException) {
            topics.forget(topic);
          }
          return error;
        });
  }

  private CompletableFuture<Messages.Published> posted(String path, Supplier<Buffer> body, Deadline deadline) {
    CompletableFuture<Messages.Published> call =
        Steps.translate(
            api.postJson(path, body, Messages.Published.class, deadline),
            error -> {
              doubtful |= unanswered(error);
              return error;
            });
    call.whenComplete(
        (answer, error) -> {
          if (call.isCancelled()) {
            doubtful = true;
          }
        });
    return call;
  }

  private static boolean unanswered(TributaryException error) {
    return error.maybeApplied() && (error instanceof ConnectionFailedException || error instanceof DeadlineExceededException);
  }

  /**
   * After a publish that got no answer the server is asked something harmless before the next: what accepts connections for a server that is
   * away would take one batch after the other, and nobody could say of any of them whether it was stored.
   */
  private CompletableFuture<Void> beSure() {
    if (!doubtful && question == null) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> mine;
    synchronized (this) {
      CompletableFuture<Void> asked = question;
      if (asked != null) {
        return asked.copy();
      }
      mine = new CompletableFuture<>();
      question = mine;
      doubtful = false;
    }
    api.within(api.patience(), api::ping)
        .whenComplete(
            (answered, error) -> {
              TributaryException known = error == null ? null : Steps.known(error);
              // A refusal is an answer.
              boolean silent = known != null && (known.retryable() || known.maybeApplied());
              synchronized (this) {
                question = null;
                doubtful |= silent;
              }
              if (silent) {
                mine.completeExceptionally(unsent(known));
              } else {
                mine.complete(null);
              }
            });
    return mine.copy();
  }

  /** Nothing was published. */
  private static TributaryException unsent(TributaryException error) {
    return new ConnectionFailedException(
        ErrorInfo.of("the server does not answer since a publish broke off: " + error.getMessage(), "It is published when the server answers again")
            .causedBy(error));
  }

  private List<Outcome<Position>> positions(String topic, List<Event<byte[]>> events, List<Integer> indexes, List<Messages.Place> results) {
    if (results.size() != indexes.size()) {
      throw BadAnswer.of(results.size() + " results for " + indexes.size() + " messages");
    }
    List<Outcome<Position>> outcomes = new ArrayList<>(results.size());
    for (int i = 0; i < results.size(); i++) {
      Messages.Place result = results.get(i);
      outcomes.add(
          result.error().isEmpty()
              ? Outcome.of(new Position(result.partition(), result.offset()))
              : Outcome.failed(refused(topic, events.get(indexes.get(i)), result.error())));
    }
    return outcomes;
  }

  private TributaryException refused(String topic, Event<byte[]> event, String error) {
    TributaryException refused = GoQueueErrors.ofMessage(error);
    if (error.startsWith("invalid partition")) {
      topics.forget(topic);
      if (free(event)) {
        return new ConnectionFailedException(
            ErrorInfo.of("the topic is not the one it was: " + error, "Publish again: the new one is looked at first").causedBy(refused));
      }
    }
    return refused;
  }
}
