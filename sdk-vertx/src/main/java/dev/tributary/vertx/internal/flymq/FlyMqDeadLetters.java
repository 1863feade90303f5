package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters of streams: what clients put into the first partition of the topic {@code <topic>.dlq}. Which of them there are a server says, of the
 * first thousand records; what it does not say of them is read from that topic, by whoever may read it.
 */
final class FlyMqDeadLetters implements DeadLetterTransport {
  private static final System.Logger LOG = System.getLogger("dev.tributary.flymq");

  /** A letter that nobody wrote. */
  private static final String NONE = "tributary-none";

  private static final int PARTITION = 0;

  /** How many records are looked through for what the server does not say, and, of the last ones, for a letter that is there already. */
  private static final int LOOKED_THROUGH = 10_000;

  private static final int RECENT = 256;

  private final FlyMqCaller caller;
  private final Topics topics;
  private final FlyMqMapping mapping;
  private final Publisher publisher;
  private final FlyMqAdmin admin;

  FlyMqDeadLetters(FlyMqCaller caller, Topics topics, FlyMqMapping mapping, Publisher publisher, FlyMqAdmin admin) {
    this.caller = caller;
    this.topics = topics;
    this.mapping = mapping;
    this.publisher = publisher;
    this.admin = admin;
  }

  private <T> CompletableFuture<T> with(ResourceName stream, Deadline deadline, Function<String, CompletableFuture<T>> call) {
    String topic = mapping.topic(stream);
    return Steps.then(topics.ask(topic, deadline), there -> call.apply(topic));
  }

  // Listing

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline) {
    return with(
        resource,
        deadline,
        topic ->
            Steps.then(
                shown(topic, max, deadline),
                shown ->
                    shown.isEmpty()
                        ? Steps.map(requireOn(topic, deadline), on -> List.of())
                        : Steps.map(details(topic, shown, deadline), found -> letters(shown, found))));
  }

  /** What the server shows, each id once: whoever added one again, because nobody knew whether it was stored, added it twice. */
  private CompletableFuture<List<Answers.DeadLetter>> shown(String topic, int max, Deadline deadline) {
    return Steps.map(
        caller.call(
            Opcode.FETCH_DLQ, topic, new Requests.FetchDeadLetters(topic, Math.min(max, Topics.PAGE)), Answers.DeadLetters.class, deadline),
        answer -> {
          Map<String, Answers.DeadLetter> byId = new LinkedHashMap<>();
          answer.letters().forEach(letter -> byId.putIfAbsent(letter.id(), letter));
          return List.copyOf(byId.values());
        });
  }

  /** A server without dead letters shows none; only who wants to put one back hears why. */
  private CompletableFuture<Void> requireOn(String topic, Deadline deadline) {
    return Steps.recover(
        done(Opcode.REPLAY_DLQ, topic, new Requests.ReplayDeadLetter(topic, NONE), deadline),
        NotFoundException.class,
        none -> CompletableFuture.completedFuture(null));
  }

  /** The records of these letters, as far as this user may read them. */
  private CompletableFuture<Map<String, DeadLetterRecord>> details(String topic, Collection<Answers.DeadLetter> wanted, Deadline deadline) {
    Scan scan = new Scan(DeadLetterRecord.topicOf(topic), wanted.stream().map(Answers.DeadLetter::id).toList());
    return Steps.recover(
        scan.from(0, LOOKED_THROUGH, deadline),
        error -> {
          if (error instanceof NotFoundException || error instanceof PermissionDeniedException || error instanceof UnauthenticatedException) {
            return CompletableFuture.completedFuture(scan.found);
          }
          throw error;
        });
  }

  private static List<DeadLetter<byte[]>> letters(List<Answers.DeadLetter> shown, Map<String, DeadLetterRecord> found) {
    List<DeadLetter<byte[]>> letters = new ArrayList<>(shown.size());
    for (Answers.DeadLetter letter : shown) {
      letters.add(letter(letter, found.get(letter.id())));
    }
    return letters;
  }

  private static DeadLetter<byte[]> letter(Answers.DeadLetter shown, @Nullable DeadLetterRecord record) {
    Envelope content = Envelope.decode(shown.payload());
    DeadLetter.Builder<byte[]> letter =
        DeadLetter.builder(content.value())
            .id(shown.id())
            .attempts(Math.max(0, Math.min(shown.retries(), Integer.MAX_VALUE - 1)) + 1)
            .reason(shown.error());
    if (record != null) {
      letter.headers(record.headers()).key(key(record)).firstFailedAt(record.firstFailedAt()).failedAt(record.lastFailedAt());
      if (record.partition() >= 0 && record.offset() >= 0) {
        letter.position(new Position(record.partition(), record.offset()));
      }
    }
    return letter.headers(content.headers()).build();
  }

  private static @Nullable EventKey key(DeadLetterRecord record) {
    byte[] key = record.key();
    return key == null ? null : EventKey.of(key);
  }

  // Adding

  @Override
  public CompletableFuture<Void> add(ResourceName stream, DeadLetter<byte[]> letter, Deadline deadline) {
    return with(
        stream,
        deadline,
        topic ->
            Steps.then(
                requireOn(topic, deadline),
                on ->
                    Steps.then(
                        ready(stream, deadline),
                        letters ->
                            Steps.then(
                                isThere(topic, letters, letter.id(), deadline),
                                there -> there ? CompletableFuture.completedFuture(null) : store(letters, record(topic, letter), deadline)))));
  }

  /** The topic of the letters, with one partition: servers look at the first only, and would make more if it came into being by itself. */
  private CompletableFuture<String> ready(ResourceName stream, Deadline deadline) {
    ResourceName letters = stream.withName(stream.name() + DeadLetterHeaders.STREAM_SUFFIX);
    String topic = mapping.topic(letters);
    return Steps.map(
        Steps.recover(
            topics.ask(topic, deadline),
            NotFoundException.class,
            none -> Steps.then(make(letters, deadline), made -> topics.ask(topic, deadline))),
        details -> {
          if (details.partitions() > 1) {
            throw InvalidRequestException.of(
                "the topic " + topic + " has " + details.partitions() + " partitions, of which servers look at the first for dead letters",
                "Make it anew with one partition");
          }
          return topic;
        });
  }

  private CompletableFuture<Void> make(ResourceName letters, Deadline deadline) {
    return Steps.recover(
        Steps.translate(
            admin.createStream(letters, StreamConfig.partitions(1), deadline),
            PermissionDeniedException.class,
            denied ->
                new PermissionDeniedException(
                    ErrorInfo.of(
                        "there is no stream " + letters + ", and this user may not make it: " + denied.getMessage(),
                        "Have an administrator make it, with one partition"))),
        AlreadyExistsException.class,
        meanwhile -> CompletableFuture.completedFuture(null));
  }

  /** Whether it is among the last records, and shown: one that was put back is not there any more, although its record is. */
  private CompletableFuture<Boolean> isThere(String topic, String letters, String id, Deadline deadline) {
    Scan scan = new Scan(letters, List.of(id));
    return Steps.then(
        topics.ends(letters, PARTITION, deadline),
        ends ->
            Steps.then(
                scan.from(Math.max(ends.earliest(), ends.next() - RECENT), LOOKED_THROUGH, deadline),
                found ->
                    found.isEmpty()
                        ? CompletableFuture.completedFuture(false)
                        : Steps.map(
                            shown(topic, Topics.PAGE, deadline), shown -> shown.stream().anyMatch(letter -> letter.id().equals(id)))));
  }

  private CompletableFuture<Void> store(String letters, DeadLetterRecord record, Deadline deadline) {
    return Steps.map(Steps.only(publisher.publish(letters, List.of(Event.of(record.json())), deadline)), stored -> null);
  }

  private static DeadLetterRecord record(String topic, DeadLetter<byte[]> letter) {
    Position position = letter.position();
    EventKey key = letter.key();
    int retries = letter.attempts().orElse(1) - 1;
    return new DeadLetterRecord(
        letter.id(),
        topic,
        position == null ? -1 : position.partition(),
        position == null ? 0 : position.offset(),
        key == null ? null : key.bytes(),
        Envelope.bytes(letter.value(), letter.headers()),
        retries > 0 ? DeadLetterRecord.EXHAUSTED : DeadLetterRecord.FAILED,
        letter.reason(),
        retries,
        letter.firstFailedAt() == null ? letter.failedAt() : letter.firstFailedAt(),
        letter.failedAt(),
        Map.of());
  }

  // Putting back, and dropping

  /** A server that is not exact puts a letter back without its key, and keeps it in either case. */
  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline) {
    return with(
        resource,
        deadline,
        topic ->
            Steps.then(
                topics.exact(topic, deadline),
                exact ->
                    exact
                        ? putBack(topic, id, deadline)
                        : Steps.then(
                            keyed(topic, id, deadline),
                            keyed -> keyed == null ? putBack(topic, id, deadline) : publish(topic, keyed, deadline))));
  }

  private CompletableFuture<EnqueueResult> putBack(String topic, String id, Deadline deadline) {
    return Steps.map(
        done(Opcode.REPLAY_DLQ, topic, new Requests.ReplayDeadLetter(topic, id), deadline),
        replayed -> new EnqueueResult(id, OptionalLong.empty(), false, 0));
  }

  /** The letter, if it is there and has a key; else null. */
  private CompletableFuture<@Nullable DeadLetterRecord> keyed(String topic, String id, Deadline deadline) {
    return Steps.then(
        shown(topic, Topics.PAGE, deadline),
        shown ->
            Steps.map(
                details(topic, shown.stream().filter(letter -> letter.id().equals(id)).toList(), deadline),
                found -> {
                  DeadLetterRecord record = found.get(id);
                  return record == null || record.key() == null ? null : record;
                }));
  }

  private CompletableFuture<EnqueueResult> publish(String topic, DeadLetterRecord letter, Deadline deadline) {
    Envelope content = Envelope.decode(letter.payload());
    Event<byte[]> event = Event.builder(content.value()).key(key(letter)).headers(content.headers()).build();
    return Steps.map(
        Steps.only(publisher.publish(topic, List.of(event), deadline)),
        stored -> new EnqueueResult(letter.id(), OptionalLong.of(stored.offset()), false, stored.partition()));
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

  /** Reads on in the topic of letters until it has seen the first records of those that are wanted. */
  private final class Scan {
    private final String letters;
    private final List<String> wanted;
    private final Map<String, DeadLetterRecord> found = new HashMap<>();
    private int others;

    Scan(String letters, List<String> wanted) {
      this.letters = letters;
      this.wanted = wanted;
    }

    CompletableFuture<Map<String, DeadLetterRecord>> from(long offset, int left, Deadline deadline) {
      if (found.size() == wanted.size() || left <= 0) {
        return CompletableFuture.completedFuture(said());
      }
      return Steps.then(
          topics.page(letters, PARTITION, offset, Math.min(Topics.PAGE, left), Wanted.ALL, deadline),
          page -> {
            page.messages().forEach(message -> take(DeadLetterRecord.parse(message.value())));
            return page.last()
                ? CompletableFuture.completedFuture(said())
                : from(page.next(), left - Math.max(1, page.messages().size()), deadline);
          });
    }

    private void take(@Nullable DeadLetterRecord record) {
      if (record == null) {
        others++;
      } else if (wanted.contains(record.id())) {
        found.putIfAbsent(record.id(), record);
      }
    }

    private Map<String, DeadLetterRecord> said() {
      if (others > 0) {
        LOG.log(System.Logger.Level.DEBUG, "{0} records of the topic {1} are no dead letters", others, letters);
      }
      return found;
    }
  }
}
