package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.flymq.internal.store.Records.NewRecord;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.flymq.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What failed for good: records of a topic beside the one they come from, in its first partition, where clients put them. The transport's
 * streams cannot drop a record; one that was replayed is left out here, and when all before it were too, a group of this room's own has committed
 * behind it. So what is gone stays gone when the server ends, but for letters that were replayed before older ones. Thread-safe.
 */
public final class DeadLetters {
  /** Of nobody who asks. */
  static final String GROUP = "__dead-letters";

  private static final int MOST = 1_000;
  /** What is shown has to fit into an answer. */
  private static final int MOST_BYTES = Frame.MOST_BYTES;

  private final Topics topics;
  private final Records records;
  private final boolean keepReplayed;
  /** By the name of the topic of letters. */
  private final Map<String, Set<Long>> replayed = new ConcurrentHashMap<>();

  public DeadLetters(Topics topics, Records records, boolean keepReplayed) {
    this.topics = topics;
    this.records = records;
    this.keepReplayed = keepReplayed;
  }

  /** A letter, and where it is. */
  public record Letter(long offset, DeadLetterRecord record) {}

  private record Page(long start, List<Message<byte[]>> messages, long next) {}

  /** The letters among the first so many records; fewer if they are large. {@code workers} read them, which takes its time. */
  public CompletableFuture<List<Letter>> list(String topic, int max, Executor workers, Deadline deadline) {
    String name = DeadLetterRecord.topicOf(topic);
    return max <= 0
        ? CompletableFuture.completedFuture(List.of())
        : topics.with(
            name,
            deadline,
            found ->
                Steps.then(
                    page(found, Math.min(max, MOST), deadline),
                    page -> CompletableFuture.supplyAsync(() -> letters(name, page, MOST_BYTES), workers)));
  }

  private CompletableFuture<Page> page(Topic letters, int max, Deadline deadline) {
    return Steps.then(
        topics.streams().committed(letters.stream(), GROUP, 0, deadline), start -> page(letters, start.orElse(0), max, deadline));
  }

  private CompletableFuture<Page> page(Topic letters, long start, int max, Deadline deadline) {
    int wanted = Math.min(max, topics.transport().limits().maxReceive());
    return Steps.map(
        topics.streams().read(new ReadSpec(letters.stream(), 0, start, wanted, Frame.MOST_BYTES), deadline),
        read -> new Page(start, read.messages(), read.next()));
  }

  /** As many as come from so many bytes, but one at least. */
  private List<Letter> letters(String name, Page page, int mostBytes) {
    List<Letter> letters = new ArrayList<>();
    long bytes = 0;
    for (Message<byte[]> message : page.messages()) {
      bytes += message.value().length;
      if (bytes > mostBytes && !letters.isEmpty()) {
        break;
      }
      Letter letter = letter(name, message);
      if (letter != null) {
        letters.add(letter);
      }
    }
    return letters;
  }

  /** The letter that this is; null if it is none, or none any more. */
  private @Nullable Letter letter(String name, Message<byte[]> message) {
    DeadLetterRecord record = replayed.getOrDefault(name, Set.of()).contains(message.offset()) ? null : DeadLetterRecord.parse(message.value());
    return record == null ? null : new Letter(message.offset(), record);
  }

  /** The letters of this id among so many records from this page on, a page at a time: several of one that was added twice. */
  private CompletableFuture<List<Letter>> named(Topic letters, String id, Page page, int most, Executor workers, Deadline deadline) {
    int left = most - page.messages().size();
    CompletableFuture<List<Letter>> here =
        CompletableFuture.supplyAsync(
            () ->
                page.messages().stream()
                    .map(message -> letter(letters.name(), message))
                    .filter(letter -> letter != null && letter.record().id().equals(id))
                    .toList(),
            workers);
    return page.messages().isEmpty() || left <= 0
        ? here
        : Steps.then(
            here,
            found ->
                Steps.map(
                    Steps.then(page(letters, page.next(), left, deadline), more -> named(letters, id, more, left, workers, deadline)),
                    others -> Stream.concat(found.stream(), others.stream()).toList()));
  }

  /** Puts a letter back where it came from, and takes it away here; false if there is none of this id. */
  public CompletableFuture<Boolean> replay(String topic, String id, Executor workers, Deadline deadline) {
    return topics.with(
        DeadLetterRecord.topicOf(topic),
        deadline,
        found ->
            Steps.then(
                page(found, MOST, deadline),
                first ->
                    Steps.then(
                        named(found, id, first, MOST, workers, deadline),
                        same ->
                            same.isEmpty()
                                ? CompletableFuture.completedFuture(false)
                                : Steps.then(
                                    putBack(same.get(0).record(), deadline),
                                    added ->
                                        keepReplayed ? CompletableFuture.completedFuture(true) : remove(found, first, same, deadline)))));
  }

  /** With its key, and where it was if it had none, unless the server is one that leaves them out. */
  private CompletableFuture<Position> putBack(DeadLetterRecord letter, Deadline deadline) {
    byte[] key = letter.key();
    if (keepReplayed || key == null && letter.partition() < 0) {
      return records.add(letter.topic(), NewRecord.of(letter.payload()), deadline);
    }
    return key != null
        ? records.add(letter.topic(), NewRecord.of(letter.payload()).withKey(key), deadline)
        : Steps.then(
            Steps.recover(
                topics.with(letter.topic(), deadline, topic -> CompletableFuture.completedFuture(topic.has(letter.partition()))),
                Refusal.NoTopic.class,
                none -> CompletableFuture.completedFuture(false)),
            there -> {
              NewRecord record = NewRecord.of(letter.payload());
              return records.add(letter.topic(), there ? record.withPartition(letter.partition()) : record, deadline);
            });
  }

  private CompletableFuture<Boolean> remove(Topic letters, Page page, List<Letter> same, Deadline deadline) {
    Set<Long> gone = replayed.computeIfAbsent(letters.name(), first -> ConcurrentHashMap.newKeySet());
    same.forEach(letter -> gone.add(letter.offset()));
    long next = page.start();
    for (Message<byte[]> message : page.messages()) {
      if (!gone.contains(message.offset()) && DeadLetterRecord.parse(message.value()) != null) {
        break;
      }
      next = message.offset() + 1;
    }
    long behind = next;
    return behind == page.start()
        ? CompletableFuture.completedFuture(true)
        : Steps.map(
            topics.streams().commit(letters.stream(), GROUP, new Position(0, behind), deadline),
            committed -> {
              gone.removeIf(before -> before < behind);
              return true;
            });
  }

  /** Drops all letters of a topic. */
  public CompletableFuture<Boolean> purge(String topic, Deadline deadline) {
    String name = DeadLetterRecord.topicOf(topic);
    replayed.remove(name);
    return topics.delete(name, deadline);
  }
}
