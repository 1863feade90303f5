package dev.tributary.testkit.server.goqueue.internal.schemas;

import dev.tributary.Capability;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.grpc.Steps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Copies of what is said about messages, not of messages: topics, how far groups are, schemas, and the mode of the registry. Thread-safe. */
public final class Backups {
  /** The most that are kept; the oldest makes room. */
  public static final int MOST = 100;

  private final Topics topics;
  private final Schemas schemas;
  private final TimeSource time;
  private final Map<String, Backup> kept =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Backup> eldest) {
          return size() > MOST;
        }
      };
  private long made;

  /** What is to be in a backup. */
  public record Parts(boolean topics, boolean offsets, boolean schemas, boolean config) {}

  /** A topic, and how many partitions it has. */
  record TopicCopy(String name, int partitions) {}

  /** The next offset that a group reads. */
  record OffsetCopy(String topic, String group, int partition, long next) {}

  /** A version of a subject. */
  record SchemaCopy(String subject, String definition) {}

  /** A backup. */
  public record Backup(
      String id,
      Instant at,
      List<TopicCopy> topics,
      List<OffsetCopy> offsets,
      List<SchemaCopy> schemas,
      @Nullable Compatibility mode) {}

  public Backups(Topics topics, Schemas schemas, TimeSource time) {
    this.topics = topics;
    this.schemas = schemas;
    this.time = time;
  }

  public synchronized List<Backup> all() {
    return List.copyOf(kept.values());
  }

  public synchronized Backup require(String id) {
    return Optional.ofNullable(kept.get(id)).orElseThrow(() -> Refusal.notFound("backup not found"));
  }

  public synchronized void delete(String id) {
    require(id);
    kept.remove(id);
  }

  public CompletableFuture<Backup> make(Parts parts, Deadline deadline) {
    return Steps.then(
        parts.topics() || parts.offsets() ? topics.all(deadline) : none(),
        all ->
            Steps.then(
                parts.offsets() && topics.can(Capability.GROUP_LISTING) ? offsets(all, deadline) : none(),
                offsets ->
                    Steps.then(
                        parts.schemas() && topics.can(Capability.SCHEMAS) ? schemas(deadline) : none(),
                        copied ->
                            Steps.map(
                                parts.config() ? mode(deadline) : CompletableFuture.completedFuture(Optional.<Compatibility>empty()),
                                mode -> keep(parts.topics() ? copies(all) : List.of(), offsets, copied, mode.orElse(null))))));
  }

  private static <T> CompletableFuture<List<T>> none() {
    return CompletableFuture.completedFuture(List.of());
  }

  private CompletableFuture<Optional<Compatibility>> mode(Deadline deadline) {
    return topics.can(Capability.SCHEMA_COMPATIBILITY)
        ? Steps.map(schemas.mode(null, deadline), Optional::of)
        : CompletableFuture.completedFuture(Optional.empty());
  }

  private synchronized Backup keep(
      List<TopicCopy> topics, List<OffsetCopy> offsets, List<SchemaCopy> schemas, @Nullable Compatibility mode) {
    Backup backup = new Backup("backup-" + ++made, time.now(), topics, offsets, schemas, mode);
    kept.put(backup.id(), backup);
    return backup;
  }

  private static List<TopicCopy> copies(List<Topic> all) {
    return all.stream().map(topic -> new TopicCopy(topic.name(), topic.partitions())).toList();
  }

  private CompletableFuture<List<OffsetCopy>> offsets(List<Topic> all, Deadline deadline) {
    return flat(
        all,
        topic ->
            Steps.then(
                topics.streams().groups(topic.stream(), deadline),
                groups ->
                    flat(
                        groups,
                        group ->
                            Steps.map(
                                topics.streams().groupState(topic.stream(), group, deadline), state -> offsets(topic, state)))));
  }

  private static List<OffsetCopy> offsets(Topic topic, GroupState state) {
    List<OffsetCopy> offsets = new ArrayList<>();
    for (GroupState.PartitionState one : state.partitions()) {
      one.committed().ifPresent(next -> offsets.add(new OffsetCopy(topic.name(), state.group(), one.partition(), next)));
    }
    return offsets;
  }

  private CompletableFuture<List<SchemaCopy>> schemas(Deadline deadline) {
    return Steps.then(
        schemas.subjects(deadline),
        subjects ->
            flat(
                subjects,
                subject ->
                    Steps.map(
                        schemas.versions(subject, deadline),
                        versions ->
                            versions.stream()
                                .filter(version -> version.format() == SchemaFormat.JSON)
                                .map(Schema::definition)
                                .map(definition -> new SchemaCopy(subject, definition))
                                .toList())));
  }

  private static <T, U> CompletableFuture<List<U>> flat(List<T> all, Function<T, CompletableFuture<List<U>>> each) {
    return Steps.map(all(all, each), lists -> lists.stream().flatMap(List::stream).toList());
  }

  /**
   * Makes again what a backup has: topics that are there are left as they are, or refused; schemas are registered as if they were new.
   * Says how many topics were made.
   */
  public CompletableFuture<Integer> restore(Backup backup, boolean skipExisting, Deadline deadline) {
    return Steps.then(
        all(backup.topics(), topic -> restore(topic, skipExisting, deadline)),
        made ->
            Steps.then(
                all(backup.offsets(), offset -> restore(offset, deadline)),
                committed ->
                    Steps.then(
                        all(backup.schemas(), schema -> schemas.register(schema.subject(), schema.definition(), deadline)),
                        registered ->
                            Steps.map(
                                backup.mode() == null
                                    ? CompletableFuture.<Void>completedFuture(null)
                                    : schemas.mode(null, backup.mode(), deadline),
                                set -> (int) made.stream().filter(fresh -> fresh).count()))));
  }

  private static <T, U> CompletableFuture<List<U>> all(List<T> all, Function<T, CompletableFuture<U>> operation) {
    return Steps.all(all.stream().map(operation).toList());
  }

  /** Whether it was not there. */
  private CompletableFuture<Boolean> restore(TopicCopy copy, boolean skipExisting, Deadline deadline) {
    return Steps.recover(
        Steps.map(topics.create(copy.name(), StreamConfig.partitions(copy.partitions()), deadline), made -> true),
        error -> {
          if (!(error instanceof AlreadyExistsException)) {
            return CompletableFuture.failedFuture(error);
          }
          return skipExisting
              ? CompletableFuture.completedFuture(false)
              : CompletableFuture.failedFuture(Refusal.conflict("topic already exists: " + copy.name()));
        });
  }

  private CompletableFuture<Boolean> restore(OffsetCopy copy, Deadline deadline) {
    Position next = new Position(copy.partition(), copy.next());
    return topics.with(
        copy.topic(),
        Topics.NOT_FOUND + ": " + copy.topic(),
        deadline,
        topic -> Steps.map(topics.streams().commit(topic.stream(), copy.group(), next, deadline), committed -> true));
  }
}
