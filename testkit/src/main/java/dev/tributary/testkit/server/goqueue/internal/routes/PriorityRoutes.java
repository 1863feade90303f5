package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.Capability;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.store.Scan;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What there is of every priority. A message is consumed when every group of its topic committed that it is beyond it, and pending until
 * then, for good if there is no group. Public servers say of none that it is consumed.
 */
public final class PriorityRoutes {
  private static final int CLASSES = Priorities.NAMES.size();

  private final Topics topics;
  private final boolean consumes;

  public PriorityRoutes(Topics topics, boolean asShipped) {
    this.topics = topics;
    this.consumes = !asShipped;
  }

  public void on(HttpRoutes routes) {
    routes.on("GET", "/priority/stats", this::stats);
  }

  /** What is counted of a partition, by priority, the highest first. */
  private static final class Counts {
    private final long consumedUpTo;
    private final long[] pending = new long[CLASSES];
    private final long[] consumed = new long[CLASSES];
    private final @Nullable Instant[] oldest = new Instant[CLASSES];

    Counts(long consumedUpTo) {
      this.consumedUpTo = consumedUpTo;
    }

    void count(Message<byte[]> message) {
      int priority = Math.max(Priorities.BACKGROUND, Math.min(Priorities.CRITICAL, message.priority()));
      int place = Priorities.place(priority);
      if (message.offset() < consumedUpTo) {
        consumed[place]++;
      } else {
        if (pending[place] == 0) {
          oldest[place] = message.timestamp();
        }
        pending[place]++;
      }
    }

    long[] total() {
      return IntStream.range(0, CLASSES).mapToLong(place -> pending[place] + consumed[place]).toArray();
    }

    JsonObject json() {
      JsonArray times = new JsonArray();
      for (Instant time : oldest) {
        times.add(time == null ? "" : GoTime.nanos(time));
      }
      return new JsonObject()
          .put("pending", array(pending))
          .put("consumed", array(consumed))
          .put("total", array(total()))
          .put("oldest_pending", times);
    }
  }

  private static JsonArray array(long[] numbers) {
    return new JsonArray(Arrays.stream(numbers).boxed().toList());
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return Steps.then(
        topics.all(call.deadline()),
        all ->
            Steps.map(
                Steps.together(all.stream().map(topic -> countIfThere(topic, call.deadline())).toList()),
                counted -> JsonReply.ok(json(all, counted))));
  }

  private static JsonObject json(List<Topic> topics, List<List<Counts>> counted) {
    long[] everywhere = new long[CLASSES];
    JsonObject byTopic = new JsonObject();
    for (int i = 0; i < topics.size(); i++) {
      long[] inTopic = new long[CLASSES];
      JsonObject partitions = new JsonObject();
      List<Counts> counts = counted.get(i);
      for (int partition = 0; partition < counts.size(); partition++) {
        long[] total = counts.get(partition).total();
        partitions.put(Integer.toString(partition), counts.get(partition).json());
        Arrays.setAll(inTopic, place -> inTopic[place] + total[place]);
        Arrays.setAll(everywhere, place -> everywhere[place] + total[place]);
      }
      byTopic.put(topics.get(i).name(), new JsonObject().put("total_by_priority", array(inTopic)).put("partitions", partitions));
    }
    return new JsonObject().put("total_by_priority", array(everywhere)).put("topics", byTopic);
  }

  /** Nothing, if it is deleted meanwhile. */
  private CompletableFuture<List<Counts>> countIfThere(Topic topic, Deadline deadline) {
    return Steps.otherwise(
        count(topic, deadline),
        error ->
            error instanceof NotFoundException
                ? CompletableFuture.completedFuture(List.of())
                : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<List<Counts>> count(Topic topic, Deadline deadline) {
    return Steps.then(
        consumed(topic, deadline),
        upTo -> {
          List<CompletableFuture<Counts>> counted = new ArrayList<>();
          for (int partition = 0; partition < topic.partitions(); partition++) {
            Counts counts = new Counts(upTo[partition]);
            counted.add(Steps.map(Scan.of(topics, topic, partition, deadline, counts::count), scanned -> counts));
          }
          return Steps.together(counted);
        });
  }

  /** The offset in every partition that all groups are beyond. */
  private CompletableFuture<long[]> consumed(Topic topic, Deadline deadline) {
    if (!consumes || !topics.can(Capability.GROUP_LISTING)) {
      return CompletableFuture.completedFuture(new long[topic.partitions()]);
    }
    return Steps.then(
        topics.streams().groups(topic.stream(), deadline),
        groups ->
            Steps.map(
                Steps.together(groups.stream().map(group -> topics.streams().groupState(topic.stream(), group, deadline)).toList()),
                states -> least(topic, states)));
  }

  private static long[] least(Topic topic, List<GroupState> states) {
    long[] least = new long[topic.partitions()];
    for (int partition = 0; partition < least.length; partition++) {
      int wanted = partition;
      least[partition] =
          states.stream()
              .mapToLong(
                  state ->
                      state.partitions().stream()
                          .filter(one -> one.partition() == wanted)
                          .mapToLong(one -> one.committed().orElse(0))
                          .findFirst()
                          .orElse(0))
              .min()
              .orElse(0);
    }
    return least;
  }
}
