package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.Message;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What creating, listing and deleting do. */
public abstract class AdminContract extends Contract {
  @Test
  void whatExistsIsListedByName() {
    requires(Capability.LIST_RESOURCES, Capability.STREAMS);
    ResourceName one = stream().name();
    ResourceName two = stream().name();
    List<ResourceInfo> all = get(client().admin().list(ResourceKind.STREAM));
    assertThat(all).extracting(ResourceInfo::name).contains(one, two);
    assertThat(all).extracting(ResourceInfo::kind).containsOnly(ResourceKind.STREAM);
    assertThat(all).isSortedAccordingTo(Comparator.comparing((ResourceInfo info) -> info.name().toString()));
  }

  @Test
  void theKindsAreListedApart() {
    requires(Capability.LIST_RESOURCES, Capability.QUEUES, Capability.KEY_VALUE);
    ResourceName queue = queue().name();
    ResourceName store = store().name();
    assertThat(get(client().admin().list(ResourceKind.QUEUE))).extracting(ResourceInfo::name).contains(queue).doesNotContain(store);
    assertThat(get(client().admin().list(ResourceKind.KEY_VALUE))).extracting(ResourceInfo::name).contains(store).doesNotContain(queue);
  }

  @Test
  void whatIsCreatedCanBeUsed() {
    requires(Capability.CREATE_RESOURCES, Capability.STREAMS);
    String name = fresh("created");
    get(client().admin().createStream(name, StreamConfig.partitions(3)));
    assertThat(get(client().stream(name).partitions())).isEqualTo(3);
    get(client().stream(name).publish(new byte[] {1}));
  }

  @Test
  void whatExistsIsNotCreatedAgain() {
    requires(Capability.CREATE_RESOURCES);
    Admin admin = client().admin();
    if (has(Capability.STREAMS)) {
      failure(AlreadyExistsException.class, admin.createStream(stream().name().toString(), StreamConfig.DEFAULT));
    }
    if (has(Capability.QUEUES)) {
      failure(AlreadyExistsException.class, admin.createQueue(queue().name().toString(), QueueConfig.DEFAULT));
    }
    if (has(Capability.KEY_VALUE)) {
      failure(AlreadyExistsException.class, admin.createKeyValue(store().name().toString()));
    }
  }

  @Test
  void whatIsDeletedIsGoneWithItsContent() {
    requires(Capability.CREATE_RESOURCES, Capability.STREAMS);
    String name = fresh("deleted");
    get(client().admin().createStream(name, StreamConfig.DEFAULT));
    get(client().stream(name).publish(new byte[] {1}));
    get(client().admin().delete(ResourceKind.STREAM, name));
    failure(NotFoundException.class, client().admin().delete(ResourceKind.STREAM, name));
    get(client().admin().createStream(name, StreamConfig.DEFAULT));
    List<Message<byte[]>> messages = get(client().stream(name).read(0, 0, 10));
    assertThat(messages).isEmpty();
  }
}
