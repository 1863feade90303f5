package dev.tributary.vertx.internal.flymq.wire;

import java.util.List;

/**
 * What is answered. Fields are written in the order in which the records have them, where nothing else is said. Offsets are unsigned, and a
 * committed one is the next to read.
 */
public final class Answers {
  private Answers() {}

  /** It is done, or it is not. */
  public record Done(boolean success) implements Message {
    static Done read(FrameReader in) throws Malformed {
      return new Done(in.bool());
    }

    @Override
    public void write(FrameWriter out) {
      out.bool(success);
    }
  }

  /** It is done, or why it is not. */
  public record Outcome(boolean success, String message) implements Message {
    static Outcome read(FrameReader in) throws Malformed {
      return new Outcome(in.bool(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.bool(success).text(message);
    }
  }

  /**
   * Where a record is.
   *
   * @param timestamp the server's time when it answered, in milliseconds; it is not kept
   * @param keySize -1 if there is no key
   */
  public record Produced(String topic, int partition, long offset, long timestamp, int keySize, int valueSize) implements Message {
    static Produced read(FrameReader in) throws Malformed {
      return new Produced(in.text(), in.int32(), in.int64(), in.int64(), in.int32(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).int32(partition).int64(offset).int64(timestamp).int32(keySize).int32(valueSize);
    }
  }

  public record Consumed(byte[] key, byte[] value) implements Message {
    static Consumed read(FrameReader in) throws Malformed {
      return new Consumed(in.bytes(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.bytes(key).bytes(value);
    }
  }

  public record Offset(long offset) implements Message {
    static Offset read(FrameReader in) throws Malformed {
      return new Offset(in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.int64(offset);
    }
  }

  /** Records, and where to read on, which lies behind what a filter left out; how many there are is written first. */
  public record Fetched(long nextOffset, List<FetchedRecord> records) implements Message {
    /** Bytes of an answer without records. */
    public static final int SIZE = Integer.BYTES + Long.BYTES;

    static Fetched read(FrameReader in) throws Malformed {
      int count = in.count(FetchedRecord.SIZE);
      return new Fetched(in.int64(), in.items(count, FetchedRecord::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.int32(records.size()).int64(nextOffset);
      records.forEach(out::message);
    }
  }

  public record FetchedRecord(long offset, byte[] key, byte[] value) implements Message {
    /** Bytes of one without key and value. */
    public static final int SIZE = Long.BYTES + 2 * Integer.BYTES;

    static FetchedRecord read(FrameReader in) throws Malformed {
      return new FetchedRecord(in.int64(), in.bytes(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.int64(offset).bytes(key).bytes(value);
    }
  }

  public record Names(List<String> names) implements Message {
    static Names read(FrameReader in) throws Malformed {
      return new Names(in.texts());
    }

    @Override
    public void write(FrameWriter out) {
      out.texts(names);
    }
  }

  public record RegisteredSchema(String name, String type, int version) implements Message {
    static RegisteredSchema read(FrameReader in) throws Malformed {
      return new RegisteredSchema(in.text(), in.shortText(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name).shortText(type).int32(version);
    }
  }

  public record Schema(String id, String name, int version, String type, byte[] definition, String compatibility) implements Message {
    static Schema read(FrameReader in) throws Malformed {
      return new Schema(in.text(), in.text(), in.int32(), in.shortText(), in.bytes(), in.shortText());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(id).text(name).int32(version).shortText(type).bytes(definition).shortText(compatibility);
    }
  }

  public record Schemas(List<ListedSchema> schemas) implements Message {
    static Schemas read(FrameReader in) throws Malformed {
      return new Schemas(in.list(7, ListedSchema::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.list(schemas, FrameWriter::message);
    }
  }

  /** The id is name and version, as in {@code orders-v3}. */
  public record ListedSchema(String id, String type, int version) implements Message {
    static ListedSchema read(FrameReader in) throws Malformed {
      return new ListedSchema(in.text(), in.shortText(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(id).shortText(type).int32(version);
    }
  }

  public record Validated(boolean valid, List<String> errors) implements Message {
    static Validated read(FrameReader in) throws Malformed {
      return new Validated(in.bool(), in.texts());
    }

    @Override
    public void write(FrameWriter out) {
      out.bool(valid).texts(errors);
    }
  }

  public record DeadLetters(List<DeadLetter> letters) implements Message {
    static DeadLetters read(FrameReader in) throws Malformed {
      return new DeadLetters(in.list(12, DeadLetter::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.list(letters, FrameWriter::message);
    }
  }

  public record DeadLetter(String id, byte[] payload, String error, int retries) implements Message {
    static DeadLetter read(FrameReader in) throws Malformed {
      return new DeadLetter(in.text(), in.bytes(), in.text(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(id).bytes(payload).text(error).int32(retries);
    }
  }

  public record Transaction(String id, boolean success) implements Message {
    static Transaction read(FrameReader in) throws Malformed {
      return new Transaction(in.text(), in.bool());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(id).bool(success);
    }
  }

  public record Cluster(String id, List<Topic> topics) implements Message {
    static Cluster read(FrameReader in) throws Malformed {
      return new Cluster(in.text(), in.list(6, Topic::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.text(id).list(topics, FrameWriter::message);
    }
  }

  public record Topic(String name, List<Partition> partitions) implements Message {
    static Topic read(FrameReader in) throws Malformed {
      return new Topic(in.text(), in.list(26, Partition::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name).list(partitions, FrameWriter::message);
    }
  }

  /** Nodes are named by their ids; the state is {@code online} or another. */
  public record Partition(
      int partition, String leader, String address, long epoch, String state, List<String> replicas, List<String> inSync)
      implements Message {
    private static final String ONLINE = "online";

    /** Whether somebody leads it. */
    public boolean leads() {
      return state.equals(ONLINE) && !leader.isEmpty();
    }

    static Partition read(FrameReader in) throws Malformed {
      return new Partition(in.int32(), in.text(), in.text(), in.int64(), in.text(), in.texts(), in.texts());
    }

    @Override
    public void write(FrameWriter out) {
      out.int32(partition).text(leader).text(address).int64(epoch).text(state).texts(replicas).texts(inSync);
    }
  }

  /** The latest is the next offset to be written. Where the group is and what it committed are the same. */
  public record Lag(long current, long committed, long latest, long lag) implements Message {
    static Lag read(FrameReader in) throws Malformed {
      return new Lag(in.int64(), in.int64(), in.int64(), in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.int64(current).int64(committed).int64(latest).int64(lag);
    }
  }

  public record Groups(List<Group> groups) implements Message {
    static Groups read(FrameReader in) throws Malformed {
      return new Groups(in.list(12, Group::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.list(groups, FrameWriter::message);
    }
  }

  public record Group(String topic, String group, int members, List<Committed> offsets) implements Message {
    static Group read(FrameReader in) throws Malformed {
      return new Group(in.text(), in.text(), in.int32(), in.list(12, Committed::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(group).int32(members).list(offsets, FrameWriter::message);
    }
  }

  public record Committed(int partition, long offset) implements Message {
    static Committed read(FrameReader in) throws Malformed {
      return new Committed(in.int32(), in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.int32(partition).int64(offset);
    }
  }

  /** Who somebody is; nobody, if it is no success. */
  public record Identity(boolean success, String user, List<String> roles, String error) implements Message {
    static Identity read(FrameReader in) throws Malformed {
      return new Identity(in.bool(), in.text(), in.list(1, FrameReader::shortText), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.bool(success).text(user).list(roles, FrameWriter::shortText).text(error);
    }
  }

  /** Times are seconds since 1970. */
  public record User(String user, List<String> roles, List<String> permissions, boolean enabled, long createdAt, long updatedAt)
      implements Message {
    static User read(FrameReader in) throws Malformed {
      return new User(in.text(), in.texts(), in.texts(), in.bool(), in.int64(), in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(user).texts(roles).texts(permissions).bool(enabled).int64(createdAt).int64(updatedAt);
    }
  }

  public record Users(List<User> users) implements Message {
    static Users read(FrameReader in) throws Malformed {
      return new Users(in.list(27, User::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.list(users, FrameWriter::message);
    }
  }

  /** What was done to the topic's list. */
  public record AclDone(boolean success, String topic) implements Message {
    static AclDone read(FrameReader in) throws Malformed {
      return new AclDone(in.bool(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.bool(success).text(topic);
    }
  }

  /** The default means something only where there is no list. */
  public record Acl(
      String topic, boolean exists, boolean isPublic, boolean publicByDefault, List<String> users, List<String> roles)
      implements Message {
    static Acl read(FrameReader in) throws Malformed {
      return new Acl(in.text(), in.bool(), in.bool(), in.bool(), in.texts(), in.texts());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).bool(exists).bool(isPublic).bool(publicByDefault).texts(users).texts(roles);
    }
  }

  public record Acls(List<ListedAcl> acls, boolean publicByDefault) implements Message {
    static Acls read(FrameReader in) throws Malformed {
      return new Acls(in.list(12, ListedAcl::read), in.bool());
    }

    @Override
    public void write(FrameWriter out) {
      out.list(acls, FrameWriter::message).bool(publicByDefault);
    }
  }

  public record ListedAcl(String topic, boolean exists, boolean isPublic, List<String> users, List<String> roles) implements Message {
    static ListedAcl read(FrameReader in) throws Malformed {
      return new ListedAcl(in.text(), in.bool(), in.bool(), in.texts(), in.texts());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).bool(exists).bool(isPublic).texts(users).texts(roles);
    }
  }

  public record Roles(List<Role> roles) implements Message {
    static Roles read(FrameReader in) throws Malformed {
      return new Roles(in.list(8, Role::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.list(roles, FrameWriter::message);
    }
  }

  public record Role(String name, List<String> permissions, String description) implements Message {
    static Role read(FrameReader in) throws Malformed {
      return new Role(in.text(), in.texts(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name).texts(permissions).text(description);
    }
  }

  /** The newest first, and how many there are in all. */
  public record AuditEvents(List<AuditEvent> events, int total, boolean hasMore) implements Message {
    static AuditEvents read(FrameReader in) throws Malformed {
      return new AuditEvents(in.list(4, each -> each.sized(AuditEvent::read)), in.int32(), in.bool());
    }

    @Override
    public void write(FrameWriter out) {
      out.list(events, FrameWriter::sized).int32(total).bool(hasMore);
    }
  }

  /** The timestamp is milliseconds since 1970. */
  public record AuditEvent(
      String id,
      long timestamp,
      String type,
      String user,
      String clientIp,
      String resource,
      String action,
      String result,
      String node,
      List<Detail> details)
      implements Message {
    static AuditEvent read(FrameReader in) throws Malformed {
      return new AuditEvent(
          in.text(), in.int64(), in.text(), in.text(), in.text(), in.text(), in.text(), in.text(), in.text(), in.list(4, Detail::read));
    }

    @Override
    public void write(FrameWriter out) {
      out.text(id).int64(timestamp).text(type).text(user).text(clientIp).text(resource).text(action).text(result).text(node);
      out.list(details, FrameWriter::message);
    }
  }

  public record Detail(String key, String value) implements Message {
    static Detail read(FrameReader in) throws Malformed {
      return new Detail(in.text(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(key).text(value);
    }
  }

  /** A file of the events. */
  public record AuditFile(String format, byte[] data) implements Message {
    static AuditFile read(FrameReader in) throws Malformed {
      return new AuditFile(in.text(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(format).bytes(data);
    }
  }
}
