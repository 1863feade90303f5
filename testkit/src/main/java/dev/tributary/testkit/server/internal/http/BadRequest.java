package dev.tributary.testkit.server.internal.http;

/** A request that is refused as it stands, before anything is done. */
public final class BadRequest extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String field;
  private final String issue;

  private BadRequest(int status, String field, String issue) {
    super(field + " " + issue, null, false, false);
    this.status = status;
    this.field = field;
    this.issue = issue;
  }

  /** What is wrong with which field of the body, of the query or of the path: "must be a string" for instance. */
  public static BadRequest of(String field, String issue) {
    return new BadRequest(400, field, issue);
  }

  static BadRequest tooLarge(int most) {
    return new BadRequest(413, "body", "is larger than " + most + " bytes");
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }

  /** What is wrong. */
  public String field() {
    return field;
  }

  /** What is the matter with it. */
  public String issue() {
    return issue;
  }
}
