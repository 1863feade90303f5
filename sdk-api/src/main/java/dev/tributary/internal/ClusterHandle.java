package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.cluster.Cluster;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import dev.tributary.spi.ClusterTransport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The nodes of the backend, over the transport. */
final class ClusterHandle implements Cluster {
  private final Calls calls;
  private final ClusterTransport transport;
  private final Function<String, ResourceName> names;

  ClusterHandle(Calls calls, Function<String, ResourceName> names) {
    this.calls = calls;
    this.transport = calls.transport().cluster().orElseThrow(() -> calls.checks().unsupported(Capability.CLUSTER));
    this.names = names;
  }

  @Override
  public CompletableFuture<List<Node>> nodes() {
    return calls.call("nodes", null, Calls.Repeat.SAFE, transport::nodes);
  }

  @Override
  public CompletableFuture<List<PartitionLeader>> leaders(String stream) {
    return calls.checked(
        "leaders",
        stream,
        () -> {
          ResourceName name = names.apply(stream);
          return calls.call("leaders", name, Calls.Repeat.SAFE, deadline -> transport.leaders(name, deadline));
        });
  }
}
