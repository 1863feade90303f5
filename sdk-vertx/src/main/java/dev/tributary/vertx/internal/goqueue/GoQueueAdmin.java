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
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

  @Override
  public CompletableFuture<Void> createStream(ResourceName stream, StreamConfig config, Deadline deadline) {
    String topic = topics.of(stream);
    if (config.retention().maxMessages().isPresent() || config.retention().maxBytes().isPresent()) {
      throw unsupported("retention by messages or bytes", "Leave it out: what is kept is set by age");
    }
    return create(topic, config.partitions(), config.retention().maxAge(), deadline);
  }

  @Override
  public CompletableFuture<Void> createQueue(ResourceName queue, QueueConfig config, Deadline deadline) {
    String topic = topics.of(queue);
    refuseWhatIsFixed(config);
    return create(topic, config.partitions(), config.retention(), deadline);
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
    // There may have been one of that name.
    topics.forget(topic);
    return api.tell("/topics", new Messages.NewTopic(topic, partitions, retention == null ? null : hours(retention)), deadline);
  }

  /** Rounded up. */
  private static long hours(Duration retention) {
    long hours = retention.toHours();
    return Duration.ofHours(hours).equals(retention) ? hours : hours + 1;
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    String topic = topics.of(name);
    topics.forget(topic);
    return Steps.then(api.delete(Topics.path(topic), deadline), deleted -> forgetGroups(topic, deadline));
  }

  /** What groups committed would hold for a topic that is made anew under the name. */
  private CompletableFuture<Void> forgetGroups(String topic, Deadline deadline) {
    return Steps.then(
        groups.of(topic, deadline),
        names -> Steps.map(Steps.all(names, ON_THE_WAY, name -> forget(groups.wire(name, topic), deadline)), forgotten -> null));
  }

  private CompletableFuture<Boolean> forget(String group, Deadline deadline) {
    return Steps.recover(
        Steps.map(api.delete(Groups.path(group), deadline), deleted -> true),
        NotFoundException.class,
        gone -> CompletableFuture.completedFuture(false));
  }

  /** One that is deleted meanwhile is left out. */
  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    return Steps.then(
        api.get("/topics", Messages.TopicNames.class, deadline),
        answer -> {
          Map<String, ResourceName> names = new HashMap<>();
          answer.topics().forEach(topic -> name(topic).ifPresent(name -> names.put(topic, name)));
          List<String> known = names.keySet().stream().sorted(Comparator.comparing(topic -> names.get(topic).toString())).toList();
          return Steps.map(
              Steps.all(known, ON_THE_WAY, topic -> topics.ask(topic, deadline)),
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
    List<CompletableFuture<Record>> counters =
        List.of(
            counted("/stats", Messages.Stats.class, deadline),
            counted("/delay/stats", Messages.DelayStats.class, deadline),
            counted("/priority/stats", Messages.PriorityStats.class, deadline),
            counted("/reliability/stats", Messages.ReliabilityStats.class, deadline));
    return Steps.map(
        Steps.all(counters),
        answers ->
            statistics(
                (Messages.Stats) answers.get(0).orThrow(),
                (Messages.DelayStats) answers.get(1).orThrow(),
                (Messages.PriorityStats) answers.get(2).orThrow(),
                (Messages.ReliabilityStats) answers.get(3).orThrow()));
  }

  private CompletableFuture<Record> counted(String path, Class<? extends Record> type, Deadline deadline) {
    return Steps.map(api.get(path, type, deadline), counters -> counters);
  }

  private Statistics statistics(
      Messages.Stats server, Messages.DelayStats delays, Messages.PriorityStats priorities, Messages.ReliabilityStats settlements) {
    List<Statistics.OfStream> streams = new ArrayList<>();
    server.topicStats().forEach(
        (topic, counters) ->
            name(topic)
                .ifPresent(
                    name ->
                        streams.add(
                            new Statistics.OfStream(
                                name,
                                counters.partitions(),
                                counters.messages(),
                                counters.bytes(),
                                delays.byTopic().getOrDefault(topic, 0L),
                                byPriority(priorities.topics().get(topic))))));
    streams.sort(Comparator.comparing(stream -> stream.name().toString()));
    Messages.AckStats acks = settlements.ackManager();
    Messages.LeaseStats leases = settlements.visibilityTracker();
    return new Statistics(
        server.nodeId(),
        server.uptime(),
        server.totalSizeBytes(),
        streams,
        new Statistics.Delays(delays.totalScheduled(), delays.totalDelivered(), delays.totalCanceled(), delays.totalPending()),
        new Statistics.Settlements(
            acks.totalAcks(), acks.totalNacks(), acks.totalRejects(), leases.totalExpired(), acks.totalDlq(), leases.currentInFlight()));
  }

  private static Map<Integer, Long> byPriority(Messages.@Nullable TopicPriorities priorities) {
    List<Long> totals = priorities == null ? List.of() : priorities.totalByPriority();
    Map<Integer, Long> counts = new HashMap<>();
    for (int place = 0; place < Math.min(totals.size(), Priorities.NAMES.size()); place++) {
      if (totals.get(place) > 0) {
        counts.put(Priorities.CRITICAL - place, totals.get(place));
      }
    }
    return counts;
  }

  private static UnsupportedFeatureException unsupported(String what, String instead) {
    return new UnsupportedFeatureException(ErrorInfo.of("GoQueue has no " + what, instead));
  }
}
