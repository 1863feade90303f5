package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** How far topics reach, and what they take. */
public final class TopicDetails {
  /** The name of the only node that there is. */
  public static final String NODE = "embedded";

  private final Topics topics;
  private final Appends appends;

  public TopicDetails(Topics topics, Appends appends) {
    this.topics = topics;
    this.appends = appends;
  }

  /**
   * Where a partition begins and ends.
   *
   * @param earliest the offset of its first message; 0 if there is none
   * @param latest the offset of its last message; -1 if there is none
   */
  public record Span(long earliest, long latest) {
    private static final Span EMPTY = new Span(0, -1);

    /** How many offsets it has, those at which nothing is read among them. */
    public long messages() {
      return latest - earliest + 1;
    }
  }

  /**
   * A topic.
   *
   * @param topic which
   * @param spans its partitions, in order
   * @param bytes what was added to it
   */
  public record Details(Topic topic, List<Span> spans, long bytes) {
    public long messages() {
      return spans.stream().mapToLong(Span::messages).sum();
    }
  }

  public CompletableFuture<Details> of(Topic topic, Deadline deadline) {
    List<CompletableFuture<Span>> spans =
        IntStream.range(0, topic.partitions()).mapToObj(partition -> span(topic, partition, deadline)).toList();
    return Steps.map(Steps.together(spans), all -> new Details(topic, all, appends.bytes(topic.name())));
  }

  private CompletableFuture<Span> span(Topic topic, int partition, Deadline deadline) {
    return Steps.then(
        topics.streams().latestOffset(topic.stream(), partition, deadline),
        latest ->
            latest.isEmpty()
                ? CompletableFuture.completedFuture(Span.EMPTY)
                : Steps.map(
                    earliest(topic, partition, deadline),
                    earliest -> new Span(earliest.orElse(latest.getAsLong()), latest.getAsLong())));
  }

  private CompletableFuture<OptionalLong> earliest(Topic topic, int partition, Deadline deadline) {
    return Steps.map(
        topics.streams().read(new ReadSpec(topic.stream(), partition, 0, 1, 0), deadline),
        first -> first.messages().isEmpty() ? OptionalLong.empty() : OptionalLong.of(first.messages().get(0).offset()));
  }

  /** All there are; one that is deleted meanwhile is left out. */
  public CompletableFuture<List<Details>> all(Deadline deadline) {
    return Steps.then(
        topics.all(deadline),
        all ->
            Steps.map(
                Steps.together(all.stream().map(topic -> unlessGone(topic, deadline)).toList()),
                found -> found.stream().flatMap(Optional::stream).toList()));
  }

  private CompletableFuture<Optional<Details>> unlessGone(Topic topic, Deadline deadline) {
    return Steps.otherwise(
        Steps.map(of(topic, deadline), Optional::of),
        error -> {
          if (!(error instanceof NotFoundException)) {
            return CompletableFuture.failedFuture(error);
          }
          topics.forget(topic);
          return CompletableFuture.completedFuture(Optional.empty());
        });
  }
}
