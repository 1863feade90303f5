package dev.tributary.vertx.internal.goqueue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Statistics;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.Answer;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import dev.tributary.vertx.internal.net.Gather;
import dev.tributary.vertx.internal.net.Steps;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Administration of GoQueue: topics, which are streams and queues alike, and the counters of a server. */
final class GoQueueAdmin implements AdminTransport {
  /** Requests for the partitions of topics on their way at a time. */
  private static final int ON_THE_WAY = 16;

  private final Api api;
  private final Topics topics;
  private final Groups groups;

  GoQueueAdmin(Api api, Topics topics, Groups groups) {
    this.api = api;
    this.topics = topics;
    this.groups = groups;
  }

  /** Makes a call about a topic; none if the wire cannot say it. */
  private <T> CompletableFuture<T> with(ResourceName name, Function<String, CompletableFuture<T>> call) {
    try {
      return call.apply(topics.of(name));
    } catch (InvalidRequestException | UnsupportedFeatureException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  @Override
  public CompletableFuture<Void> createStream(ResourceName stream, StreamConfig config, Deadline deadline) {
    return with(
        stream,
        topic -> {
          if (config.retention().maxMessages() > 0 || config.retention().maxBytes() > 0) {
            throw unsupported("retention by messages or bytes", "Leave it out: what is kept is set by age");
          }
          return create(topic, config.partitions(), config.retention().maxAge(), deadline);
        });
  }

  @Override
  public CompletableFuture<Void> createQueue(ResourceName queue, QueueConfig config, Deadline deadline) {
    return with(
        queue,
        topic -> {
          refuseWhatIsFixed(config);
          return create(topic, config.partitions(), config.retention(), deadline);
        });
  }

  private static void refuseWhatIsFixed(QueueConfig config) {
    if (config.redelivery() != null || config.maxAttempts().orElse(Receipts.MAX_ATTEMPTS) != Receipts.MAX_ATTEMPTS) {
      throw unsupported("redelivery policies", "Leave it out: jobs are delivered " + Receipts.MAX_ATTEMPTS + " times");
    }
    if (!config.lease().equals(Receipts.POLLED)) {
      throw unsupported("leases of queues", "Leave it out, and ask for a lease when you take jobs");
    }
    if (config.deadLetterRetention() != null) {
      throw unsupported("retention of dead letters", "Leave it out: they are kept for two weeks");
    }
    if (config.replicas() != 1) {
      throw unsupported("number of replicas", "Leave it out");
    }
    if (!config.options().isEmpty()) {
      throw unsupported("setting " + config.options().keySet().iterator().next(), "Leave it out");
    }
  }

  private CompletableFuture<Void> create(String topic, int partitions, @Nullable Duration retention, Deadline deadline) {
    JsonObject request = new JsonObject().put("name", topic).put("num_partitions", partitions);
    if (retention != null) {
      request.put("retention_hours", hours(retention));
    }
    // There may have been one of that name.
    topics.forget(topic);
    return Steps.map(api.post("/topics", request, deadline), created -> null);
  }

  /** Rounded up. */
  private static long hours(Duration retention) {
    long hours = retention.toHours();
    return Duration.ofHours(hours).equals(retention) ? hours : hours + 1;
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    return with(
        name,
        topic -> {
          topics.forget(topic);
          return Steps.then(api.delete(Topics.path(topic), deadline), deleted -> forgetGroups(topic, deadline));
        });
  }

  /** What groups committed would hold for a topic that is made anew under the name. */
  private CompletableFuture<Void> forgetGroups(String topic, Deadline deadline) {
    return Steps.then(
        groups.of(topic, deadline),
        names -> Steps.map(Gather.of(names, ON_THE_WAY, name -> forget(groups.wire(name, topic), deadline)), forgotten -> null));
  }

  private CompletableFuture<Boolean> forget(String group, Deadline deadline) {
    return Steps.recover(
        Steps.map(api.delete(Groups.path(group), deadline), deleted -> true),
        error -> error instanceof NotFoundException ? CompletableFuture.completedFuture(false) : CompletableFuture.failedFuture(error));
  }

  /** One that is deleted meanwhile is left out. */
  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    return Steps.then(
        api.get("/topics", deadline),
        answer -> {
          Map<String, ResourceName> names = new HashMap<>();
          answer.texts("topics").forEach(topic -> name(topic).ifPresent(name -> names.put(topic, name)));
          List<String> known = names.keySet().stream().sorted(Comparator.comparing(topic -> names.get(topic).toString())).toList();
          return Steps.map(
              Gather.of(known, ON_THE_WAY, topic -> topics.ask(topic, deadline)),
              outcomes -> present(outcomes).stream().map(details -> info(kind, names.get(details.topic()), details)).toList());
        });
  }

  private static ResourceInfo info(ResourceKind kind, ResourceName name, Topics.Details details) {
    return new ResourceInfo(kind, name, details.partitions(), null);
  }

  private static List<Topics.Details> present(List<Outcome<Topics.Details>> outcomes) {
    List<Topics.Details> present = new ArrayList<>();
    for (Outcome<Topics.Details> outcome : outcomes) {
      TributaryException error = outcome.error();
      if (error == null) {
        present.add(outcome.orThrow());
      } else if (!(error instanceof NotFoundException)) {
        throw error;
      }
    }
    return present;
  }

  /** Empty for a topic with characters that none of ours has. */
  private Optional<ResourceName> name(String topic) {
    try {
      return Optional.of(topics.name(topic));
    } catch (InvalidRequestException foreign) {
      return Optional.empty();
    }
  }

  @Override
  public CompletableFuture<Statistics> statistics(Deadline deadline) {
    List<CompletableFuture<Answer>> counters =
        Stream.of("/stats", "/delay/stats", "/priority/stats", "/reliability/stats").map(path -> api.get(path, deadline)).toList();
    return Steps.map(
        Gather.of(counters),
        answers -> statistics(answers.get(0).orThrow(), answers.get(1).orThrow(), answers.get(2).orThrow(), answers.get(3).orThrow()));
  }

  private Statistics statistics(Answer server, Answer delays, Answer priorities, Answer settlements) {
    List<Statistics.OfStream> streams = new ArrayList<>();
    Answer byTopic = server.object("topic_stats");
    for (String topic : byTopic.names()) {
      Answer counters = byTopic.object(topic);
      name(topic)
          .ifPresent(
              name ->
                  streams.add(
                      new Statistics.OfStream(
                          name,
                          counters.integer("Partitions"),
                          counters.number("TotalMessages"),
                          counters.number("TotalSize"),
                          delays.has("by_topic") ? delays.object("by_topic").number(topic, 0) : 0,
                          byPriority(priorities, topic))));
    }
    streams.sort(Comparator.comparing(stream -> stream.name().toString()));
    Answer acks = settlements.object("ack_manager");
    Answer tracker = settlements.object("visibility_tracker");
    return new Statistics(
        server.text("node_id"),
        server.duration("uptime"),
        server.number("total_size_bytes"),
        streams,
        new Statistics.Delays(
            delays.number("total_scheduled"),
            delays.number("total_delivered"),
            delays.number("total_canceled"),
            delays.number("total_pending")),
        new Statistics.Settlements(
            acks.number("total_acks"),
            acks.number("total_nacks"),
            acks.number("total_rejects"),
            tracker.number("total_expired"),
            acks.number("total_dlq"),
            tracker.number("current_in_flight")));
  }

  private static Map<Integer, Long> byPriority(Answer priorities, String topic) {
    Map<Integer, Long> counts = new HashMap<>();
    Answer byTopic = priorities.object("topics");
    if (byTopic.has(topic)) {
      List<Long> totals = byTopic.object(topic).numbers("total_by_priority");
      for (int place = 0; place < Math.min(totals.size(), Priorities.NAMES.size()); place++) {
        if (totals.get(place) > 0) {
          counts.put(Priorities.CRITICAL - place, totals.get(place));
        }
      }
    }
    return counts;
  }

  private static UnsupportedFeatureException unsupported(String what, String instead) {
    return new UnsupportedFeatureException(ErrorInfo.of("GoQueue has no " + what, instead));
  }
}
