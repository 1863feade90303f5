package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.spi.ClusterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a FlyMQ cluster. There is no list of them: what is known is who has partitions of topics. A public node gives for others the address
 * where nodes meet, and no client may: so it is told only where it is one that was configured.
 */
final class FlyMqCluster implements ClusterTransport {
  private static final int ON_THE_WAY = 16;

  private final Topics topics;
  private final FlyMqMapping mapping;
  private final Addresses addresses;

  FlyMqCluster(Topics topics, FlyMqMapping mapping, Addresses addresses) {
    this.topics = topics;
    this.mapping = mapping;
    this.addresses = addresses;
  }

  @Override
  public CompletableFuture<List<PartitionLeader>> leaders(ResourceName stream, Deadline deadline) {
    return Steps.map(
        topics.ask(mapping.topic(stream), deadline),
        details ->
            details.led().stream()
                .map(one -> new PartitionLeader(one.partition(), leader(one, details.exact()), one.epoch(), one.replicas(), one.inSync()))
                .sorted(Comparator.comparingInt(PartitionLeader::partition))
                .toList());
  }

  private @Nullable Node leader(Answers.Partition partition, boolean exact) {
    return partition.leads() ? new Node(partition.leader(), addresses.told(partition.address(), exact)) : null;
  }

  @Override
  public CompletableFuture<List<Node>> nodes(Deadline deadline) {
    return Steps.map(
        Steps.then(topics.names(deadline), names -> Steps.all(names, ON_THE_WAY, topic -> topics.ask(topic, deadline))),
        found -> {
          Map<String, Node> nodes = new TreeMap<>();
          found.stream()
              .filter(one -> !(one.error() instanceof NotFoundException || one.error() instanceof PermissionDeniedException))
              .map(one -> one.orThrow())
              .forEach(details -> details.led().forEach(partition -> add(nodes, partition, details.exact())));
          return List.copyOf(nodes.values());
        });
  }

  private void add(Map<String, Node> nodes, Answers.Partition partition, boolean exact) {
    partition.replicas().forEach(id -> nodes.putIfAbsent(id, new Node(id, null)));
    Node leader = leader(partition, exact);
    if (leader != null) {
      nodes.put(leader.id(), leader);
    }
  }
}
