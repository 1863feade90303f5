package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.flymq.internal.store.Records.NewRecord;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What failed for good: records of a topic beside the one they come from, in its first partition, where clients put them. The transport's
 * streams cannot drop a record; one that was replayed is left out here, and when all before it were too, a group of this room's own has committed
 * behind it. So what is gone stays gone when the server ends, but for letters that were replayed before older ones. Thread-safe.
 */
public final class DeadLetters {
  /** Of nobody who asks. */
  static final String GROUP = "__dead-letters";

  private static final int MOST = 1_000;

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

  private record Page(long start, List<Message<byte[]>> messages) {}

  /** The letters among the first so many records. */
  public CompletableFuture<List<Letter>> list(String topic, int max, Deadline deadline) {
    String name = DeadLetterRecord.topicOf(topic);
    return max <= 0
        ? CompletableFuture.completedFuture(List.of())
        : topics.with(name, deadline, found -> Steps.map(page(found, Math.min(max, MOST), deadline), page -> letters(name, page)));
  }

  private CompletableFuture<Page> page(Topic letters, int max, Deadline deadline) {
    int wanted = Math.min(max, topics.transport().limits().maxReceive());
    return Steps.then(
        topics.streams().committed(letters.stream(), GROUP, 0, deadline),
        start ->
            Steps.map(
                topics.streams().read(letters.stream(), 0, start.orElse(0), wanted, deadline), read -> new Page(start.orElse(0), read)));
  }

  private List<Letter> letters(String name, Page page) {
    Set<Long> gone = replayed.getOrDefault(name, Set.of());
    List<Letter> letters = new ArrayList<>();
    for (Message<byte[]> message : page.messages()) {
      DeadLetterRecord record = DeadLetterRecord.parse(message.value());
      if (record != null && !gone.contains(message.offset())) {
        letters.add(new Letter(message.offset(), record));
      }
    }
    return letters;
  }

  /** Puts a letter back where it came from, and takes it away here; false if there is none of this id. */
  public CompletableFuture<Boolean> replay(String topic, String id, Deadline deadline) {
    String name = DeadLetterRecord.topicOf(topic);
    return topics.with(
        name,
        deadline,
        found ->
            Steps.then(
                page(found, MOST, deadline),
                page -> {
                  Letter letter =
                      letters(name, page).stream().filter(each -> each.record().id().equals(id)).findFirst().orElse(null);
                  return letter == null
                      ? CompletableFuture.completedFuture(false)
                      : Steps.then(
                          putBack(letter.record(), deadline),
                          added -> keepReplayed ? CompletableFuture.completedFuture(true) : remove(found, page, id, deadline));
                }));
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

  /** One that was added twice is gone at once. */
  private CompletableFuture<Boolean> remove(Topic letters, Page page, String id, Deadline deadline) {
    Set<Long> gone = replayed.computeIfAbsent(letters.name(), first -> ConcurrentHashMap.newKeySet());
    letters(letters.name(), page).stream().filter(letter -> letter.record().id().equals(id)).forEach(letter -> gone.add(letter.offset()));
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
