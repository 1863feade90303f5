package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import dev.tributary.spi.ClusterTransport;
import dev.tributary.spi.Deadline;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** One client's calls on the cluster: the engine is its only node, and leads everything. */
final class ClusterCalls implements ClusterTransport {
  static final Node NODE = new Node("memory", null);

  private final MemoryEngine engine;
  private final Connection connection;

  ClusterCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<List<Node>> nodes(Deadline deadline) {
    return connection.known().call(() -> List.of(NODE));
  }

  @Override
  public CompletableFuture<List<PartitionLeader>> leaders(ResourceName stream, Deadline deadline) {
    List<String> all = List.of(NODE.id());
    return connection
        .reading(stream)
        .call(
            () ->
                IntStream.range(0, engine.streams().use(stream).partitions())
                    .mapToObj(partition -> new PartitionLeader(partition, NODE, 1, all, all))
                    .toList());
  }
}
