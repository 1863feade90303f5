package dev.tributary.vertx.internal.flymq.wire;

import java.util.List;

/**
 * What is asked. Fields are written in the order in which the records have them. Offsets are unsigned; a partition of -1 leaves it to the
 * server; an empty key is none.
 */
public final class Requests {
  private static final String OFFSET = "offset";

  private Requests() {}

  /** The request of an operation that has none; what is sent all the same is not looked at. */
  static Message nothing(FrameReader in) {
    return Message.EMPTY;
  }

  /** One name, whatever it is of. */
  public record Name(String name) implements Message {
    static Name read(FrameReader in) throws Malformed {
      return new Name(in.text());
    }

    /** One that may be left out, for all. */
    static Name readOptional(FrameReader in) throws Malformed {
      return new Name(in.atEnd() ? "" : in.text());
    }

    /** The same where even what is no name is taken for all. */
    static Name readAnything(FrameReader in) {
      try {
        return readOptional(in);
      } catch (Malformed all) {
        return new Name("");
      }
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name);
    }
  }

  public record Produce(String topic, byte[] key, byte[] value, int partition) implements Message {
    static Produce read(FrameReader in) throws Malformed {
      return new Produce(in.text(), in.bytes(), in.bytes(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).bytes(key).bytes(value).int32(partition);
    }
  }

  public record Consume(String topic, int partition, long offset) implements Message {
    static Consume read(FrameReader in) throws Malformed {
      return new Consume(in.text(), in.int32(), in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).int32(partition).int64(offset);
    }
  }

  /** No partitions are one. */
  public record CreateTopic(String topic, int partitions) implements Message {
    static CreateTopic read(FrameReader in) throws Malformed {
      return new CreateTopic(in.text(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).int32(partitions);
    }
  }

  /** The mode is {@code earliest}, {@code latest}, none for that, or {@code commit}. Without a group it only asks. */
  public record Subscribe(String topic, String group, int partition, String mode) implements Message {
    static Subscribe read(FrameReader in) throws Malformed {
      return new Subscribe(in.text(), in.text(), in.int32(), in.shortText());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(group).int32(partition).shortText(mode);
    }
  }

  /** The offset is the next to read. */
  public record Commit(String topic, String group, int partition, long offset) implements Message {
    static Commit read(FrameReader in) throws Malformed {
      return new Commit(in.text(), in.text(), in.int32(), in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(group).int32(partition).int64(offset);
    }
  }

  /** Without a filter it is empty. */
  public record Fetch(String topic, int partition, long offset, int max, String filter) implements Message {
    static Fetch read(FrameReader in) throws Malformed {
      return new Fetch(in.text(), in.int32(), in.int64(), in.int32(), in.atEnd() ? "" : in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).int32(partition).int64(offset).int32(max).text(filter);
    }
  }

  public record RegisterSchema(String name, String type, byte[] definition) implements Message {
    static RegisterSchema read(FrameReader in) throws Malformed {
      return new RegisterSchema(in.text(), in.shortText(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name).shortText(type).bytes(definition);
    }
  }

  /** Version 0 is the latest where one is asked for, and all of them where it is to be deleted. */
  public record SchemaVersion(String name, int version) implements Message {
    static SchemaVersion read(FrameReader in) throws Malformed {
      return new SchemaVersion(in.text(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name).int32(version);
    }
  }

  public record ValidateSchema(String name, byte[] message) implements Message {
    static ValidateSchema read(FrameReader in) throws Malformed {
      return new ValidateSchema(in.text(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(name).bytes(message);
    }
  }

  public record ProduceWithSchema(String topic, String schema, byte[] value) implements Message {
    static ProduceWithSchema read(FrameReader in) throws Malformed {
      return new ProduceWithSchema(in.text(), in.text(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(schema).bytes(value);
    }
  }

  /** The most records that are looked at, of which some may be no letters. */
  public record FetchDeadLetters(String topic, int max) implements Message {
    static FetchDeadLetters read(FrameReader in) throws Malformed {
      return new FetchDeadLetters(in.text(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).int32(max);
    }
  }

  public record ReplayDeadLetter(String topic, String id) implements Message {
    static ReplayDeadLetter read(FrameReader in) throws Malformed {
      return new ReplayDeadLetter(in.text(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(id);
    }
  }

  /** So many milliseconds later, or for so many. */
  public record ProduceTimed(String topic, byte[] value, long millis) implements Message {
    static ProduceTimed read(FrameReader in) throws Malformed {
      return new ProduceTimed(in.text(), in.bytes(), in.int64());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).bytes(value).int64(millis);
    }
  }

  public record ProduceInTransaction(String transaction, String topic, byte[] value) implements Message {
    static ProduceInTransaction read(FrameReader in) throws Malformed {
      return new ProduceInTransaction(in.text(), in.text(), in.bytes());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(transaction).text(topic).bytes(value);
    }
  }

  public record GroupPartition(String topic, String group, int partition) implements Message {
    static GroupPartition read(FrameReader in) throws Malformed {
      return new GroupPartition(in.text(), in.text(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(group).int32(partition);
    }
  }

  /** The mode is {@code earliest}, {@code latest}, or {@code offset}, for which alone there is one. */
  public record ResetOffset(String topic, String group, int partition, String mode, long offset) implements Message {
    static ResetOffset read(FrameReader in) throws Malformed {
      String topic = in.text();
      String group = in.text();
      int partition = in.int32();
      String mode = in.shortText();
      return new ResetOffset(topic, group, partition, mode, mode.equals(OFFSET) ? in.int64() : 0);
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(group).int32(partition).shortText(mode);
      if (mode.equals(OFFSET)) {
        out.int64(offset);
      }
    }
  }

  public record Group(String topic, String group) implements Message {
    static Group read(FrameReader in) throws Malformed {
      return new Group(in.text(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).text(group);
    }
  }

  public record Login(String user, String password) implements Message {
    static Login read(FrameReader in) throws Malformed {
      return new Login(in.text(), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(user).text(password);
    }

    /** Without the password. */
    @Override
    public String toString() {
      return "login of " + user;
    }
  }

  /** What there is to say of a user; which of it counts depends on the operation. The last byte may be missing behind a role. */
  public record User(String user, String password, String oldPassword, List<String> roles, boolean enabled) implements Message {
    static User read(FrameReader in) throws Malformed {
      String user = in.text();
      String password = in.text();
      String oldPassword = in.text();
      List<String> roles = in.texts();
      return new User(user, password, oldPassword, roles, (roles.isEmpty() || !in.atEnd()) && in.bool());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(user).text(password).text(oldPassword).texts(roles).bool(enabled);
    }

    /** Without the passwords. */
    @Override
    public String toString() {
      return "user " + user + " " + roles;
    }
  }

  public record SetAcl(String topic, boolean isPublic, List<String> users, List<String> roles) implements Message {
    static SetAcl read(FrameReader in) throws Malformed {
      return new SetAcl(in.text(), in.bool(), in.texts(), in.texts());
    }

    @Override
    public void write(FrameWriter out) {
      out.text(topic).bool(isPublic).texts(users).texts(roles);
    }
  }

  /**
   * Which events of the audit trail; what is empty or 0 is open.
   *
   * @param start the first second since 1970
   * @param end the last
   * @param resource what the event's resource has in it
   * @param search what any of its texts has in it
   * @param limit 0 for 100
   */
  public record AuditQuery(
      long start, long end, List<String> types, String user, String resource, String result, String search, int limit, int offset)
      implements Message {
    static AuditQuery read(FrameReader in) throws Malformed {
      return new AuditQuery(
          in.int64(), in.int64(), in.texts(), in.text(), in.text(), in.text(), in.text(), in.int32(), in.int32());
    }

    @Override
    public void write(FrameWriter out) {
      out.int64(start).int64(end).texts(types).text(user).text(resource).text(result).text(search).int32(limit).int32(offset);
    }
  }

  /** The format is {@code csv}; anything else is JSON. */
  public record AuditExport(AuditQuery query, String format) implements Message {
    static AuditExport read(FrameReader in) throws Malformed {
      return new AuditExport(in.sized(AuditQuery::read), in.text());
    }

    @Override
    public void write(FrameWriter out) {
      out.sized(query).text(format);
    }
  }
}
