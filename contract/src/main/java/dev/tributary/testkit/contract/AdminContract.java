package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.stream.Message;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What creating, changing, listing and deleting do. */
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
  void queuesAreListedByNameWithTheirPartitions() {
    requires(Capability.LIST_RESOURCES, Capability.QUEUES);
    ResourceName one = queue().name();
    ResourceName two = queue(QueueConfig.builder().partitions(has(Capability.JOB_PARTITIONS) ? 3 : 1).build()).name();
    List<ResourceInfo> all = get(client().admin().list(ResourceKind.QUEUE));
    assertThat(all).extracting(ResourceInfo::kind).containsOnly(ResourceKind.QUEUE);
    assertThat(all).isSortedAccordingTo(Comparator.comparing((ResourceInfo info) -> info.name().toString()));
    assertThat(all).filteredOn(info -> info.name().equals(one)).extracting(ResourceInfo::partitions).containsExactly(1);
    assertThat(all)
        .filteredOn(info -> info.name().equals(two))
        .extracting(ResourceInfo::partitions)
        .containsExactly(has(Capability.JOB_PARTITIONS) ? 3 : 1);
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
  void aQueueThatIsCreatedCanBeUsed() {
    requires(Capability.CREATE_RESOURCES, Capability.QUEUES);
    for (String name : List.of(fresh("created"), fresh("created") + " größer.x", "other/space/" + fresh("created"))) {
      get(client().admin().createQueue(name, QueueConfig.DEFAULT));
      get(client().queue(name).enqueue(new byte[] {1}));
      assertThat(get(client().queue(name).reserve()).orElseThrow().value()).containsExactly(1);
      if (has(Capability.LIST_RESOURCES)) {
        assertThat(get(client().admin().list(ResourceKind.QUEUE)))
            .extracting(ResourceInfo::name)
            .contains(client().queue(name).name());
      }
    }
  }

  @Test
  void aQueueThatIsDeletedIsGoneWithItsContent() {
    requires(Capability.CREATE_RESOURCES, Capability.QUEUES);
    String name = fresh("deleted");
    get(client().admin().createQueue(name, QueueConfig.DEFAULT));
    get(client().queue(name).enqueue(new byte[] {1}));
    get(client().admin().delete(ResourceKind.QUEUE, name));
    failure(NotFoundException.class, client().admin().delete(ResourceKind.QUEUE, name));
    get(client().admin().createQueue(name, QueueConfig.DEFAULT));
    assertThat(get(client().queue(name).reserve())).isEmpty();
  }

  @Test
  void theSettingsOfAQueueAreReadAsItWasMade() {
    requires(Capability.CREATE_RESOURCES, Capability.QUEUE_SETTINGS);
    String name = fresh("settings");
    get(client().admin().createQueue(name, settings().build()));
    QueueConfig read = get(client().admin().queueConfig(name));
    assertThat(read.partitions()).isEqualTo(3);
    assertThat(read.lease()).isEqualTo(Duration.ofSeconds(20));
    assertThat(read.retention()).isEqualTo(Duration.ofHours(1));
    assertThat(read.maxAttempts()).hasValue(4);
    assertThat(read.deadLetterRetention()).isEqualTo(Duration.ofHours(2));
  }

  private QueueConfig.Builder settings() {
    return QueueConfig.builder()
        .partitions(3)
        .lease(Duration.ofSeconds(20))
        .retention(Duration.ofHours(1))
        .maxAttempts(4)
        .deadLetterRetention(Duration.ofHours(2));
  }

  @Test
  void whatAnUpdateDoesNotNameStaysAsItIs() {
    requires(Capability.CREATE_RESOURCES, Capability.QUEUE_SETTINGS);
    String name = fresh("settings");
    get(client().admin().createQueue(name, settings().build()));
    QueueConfig before = get(client().admin().queueConfig(name));
    get(client().admin().updateQueue(name, QueueUpdate.builder().lease(Duration.ofSeconds(40)).build()));
    assertThat(get(client().admin().queueConfig(name))).isEqualTo(before.toBuilder().lease(Duration.ofSeconds(40)).build());
    QueueUpdate rest =
        QueueUpdate.builder().retention(Duration.ofHours(3)).maxAttempts(2).deadLetterRetention(Duration.ofHours(5)).build();
    get(client().admin().updateQueue(name, rest));
    QueueConfig after = get(client().admin().queueConfig(name));
    assertThat(after.partitions()).isEqualTo(3);
    assertThat(after.lease()).isEqualTo(Duration.ofSeconds(40));
    assertThat(after.retention()).isEqualTo(Duration.ofHours(3));
    assertThat(after.maxAttempts()).hasValue(2);
    assertThat(after.deadLetterRetention()).isEqualTo(Duration.ofHours(5));
  }

  @Test
  void aNewNumberOfAttemptsHoldsForWhatFailsFromThenOn() {
    requires(Capability.QUEUE_SETTINGS, Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(List.of("one", "two"))));
    Job<String> one = get(queue.reserve()).orElseThrow();
    assertThat(get(one.nack(Duration.ofMinutes(5)))).isEqualTo(NackOutcome.REQUEUED);
    get(client().admin().updateQueue(queue.name().toString(), QueueUpdate.builder().maxAttempts(1).build()));
    Job<String> two = get(queue.reserve()).orElseThrow();
    assertThat(get(two.nack())).isEqualTo(NackOutcome.DEAD_LETTERED);
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("two");
  }

  @Test
  void aJobOlderThanTheRetentionIsGoneUnlessItIsLeased() {
    requires(Capability.CREATE_RESOURCES, Capability.QUEUE_SETTINGS);
    String name = fresh("retention");
    get(client().admin().createQueue(name, QueueConfig.builder().retention(Duration.ofSeconds(3)).build()));
    JobQueue<String> queue = client().queue(name, Codecs.text());
    get(queue.enqueueAll(jobs(List.of("leased", "waits"))));
    Job<String> leased = get(queue.reserve()).orElseThrow();
    assertThat(get(queue.stats()).pending()).isEqualTo(1);
    pass(Duration.ofSeconds(5));
    assertThat(get(queue.reserve())).isEmpty();
    assertThat(get(queue.stats()).pending()).isZero();
    get(leased.ack());
    get(queue.enqueue("new"));
    assertThat(get(queue.reserve()).orElseThrow().value()).isEqualTo("new");
  }

  @Test
  void theSettingsOfNoQueueAreNotFound() {
    requires(Capability.QUEUE_SETTINGS);
    requiresThatThingsMustBeCreated();
    failure(NotFoundException.class, client().admin().queueConfig(fresh("nowhere")));
    failure(NotFoundException.class, client().admin().updateQueue(fresh("nowhere"), QueueUpdate.builder().maxAttempts(1).build()));
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
  void whatIsEnsuredIsMadeOnceAndKeepsItsSettings() {
    requires(Capability.CREATE_RESOURCES);
    Admin admin = client().admin();
    if (has(Capability.STREAMS)) {
      String name = fresh("ensured");
      assertThat(get(admin.ensureStream(name, StreamConfig.DEFAULT))).isTrue();
      assertThat(get(admin.ensureStream(name, StreamConfig.DEFAULT))).isFalse();
      get(client().stream(name).publish(new byte[] {1}));
    }
    if (has(Capability.QUEUES)) {
      String name = fresh("ensured");
      assertThat(get(admin.ensureQueue(name, QueueConfig.DEFAULT))).isTrue();
      assertThat(get(admin.ensureQueue(name, QueueConfig.DEFAULT))).isFalse();
      get(client().queue(name).enqueue(new byte[] {1}));
    }
    if (has(Capability.KEY_VALUE)) {
      String name = fresh("ensured");
      assertThat(get(admin.ensureKeyValue(name))).isTrue();
      assertThat(get(admin.ensureKeyValue(name))).isFalse();
      get(client().keyValue(name).put("k", new byte[] {1}));
    }
  }

  @Test
  void aStreamThatIsThereStaysAsItIs() {
    requires(Capability.CREATE_RESOURCES, Capability.STREAMS);
    String name = fresh("ensured");
    get(client().admin().createStream(name, StreamConfig.partitions(3)));
    assertThat(get(client().admin().ensureStream(name, StreamConfig.DEFAULT))).isFalse();
    assertThat(get(client().stream(name).partitions())).isEqualTo(3);
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
