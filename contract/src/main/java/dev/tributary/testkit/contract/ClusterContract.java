package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The nodes of a backend, and what they lead. */
public abstract class ClusterContract extends Contract {
  @BeforeEach
  final void requireCluster() {
    requires(Capability.CLUSTER);
  }

  @Test
  void everyPartitionIsLedByANode() {
    String stream = stream(3).name().toString();
    List<PartitionLeader> leaders = get(client().cluster().leaders(stream));
    List<String> nodes = get(client().cluster().nodes()).stream().map(Node::id).toList();
    assertThat(leaders).extracting(PartitionLeader::partition).containsExactly(0, 1, 2);
    assertThat(nodes).isNotEmpty().doesNotHaveDuplicates().isSorted();
    assertThat(leaders)
        .allSatisfy(
            leader -> {
              assertThat(leader.node()).isNotNull();
              assertThat(nodes).contains(leader.node().id()).containsAll(leader.replicas());
              assertThat(leader.replicas()).contains(leader.node().id()).containsAll(leader.inSync());
            });
  }

  @Test
  void whatIsNotThereIsLedByNobody() {
    requiresThatThingsMustBeCreated();
    failure(NotFoundException.class, client().cluster().leaders(fresh("stream")));
  }

  @Test
  void badInputIsRefusedBeforeAnythingIsSent() {
    get(client().cluster().nodes());
    long before = backend().sent(client());
    failure(InvalidRequestException.class, client().cluster().leaders(""));
    assertThat(backend().sent(client())).isEqualTo(before);
  }
}
