using RunHub.Http;

namespace RunHub.Attachments.Api;

/// <summary>What the OpenAPI document says about attachments.</summary>
static class AttachmentDocs
{
    const string Tag = "Attachments";
    static readonly ApiAnswer NoRun = new(404, "There is no such run in this tenant.", "Problem");
    static readonly ApiAnswer NoFile = new(404, "There is no such run in this tenant, or no such file of it.", "Problem");

    public static ApiDoc Add { get; } = new("Attach files to a run")
    {
        Tag = Tag,
        Description = """
            A form with up to 20 files, or one file as the body with `?filename=`. All are added or none. What a file is is read from its bytes, whatever the
            sender says; its name is made safe. The same bytes under the same name and step are there already and come back with `created: false`.
            """,
        Parameters =
        [
            new("filename", "Name of a file sent as the body; else from `Content-Disposition`.", """{"type":"string"}"""),
            new("step_id", "The step the files belong to; in a form also a field before them. It need not have been reported yet.", """{"type":"string","maxLength":128}"""),
        ],
        Body = new("""{"type":"object","properties":{"step_id":{"type":"string"},"file":{"type":"array","items":{"type":"string","format":"binary"}}}}""", """{ "step_id": "step_1", "file": ["report.pdf"] }""")
        {
            Types = ["multipart/form-data", "application/octet-stream"], Others = "The bytes of one file.",
        },
        Answers =
        [
            new(200, "All of them were there already.", "AttachmentsAdded"),
            new(201, "They were added.", "AttachmentsAdded"),
            new(400, "No file, no name, or a form that is broken. Nothing was added.", "Problem"),
            NoRun,
            new(409, "The run has `Attachments:MaxPerRun` files.", "Problem"),
            new(413, "A file is larger than `Attachments:MaxBytes`. Nothing was added.", "Problem"),
            new(415, "The body is compressed: files are sent as they are.", "Problem"),
            new(503, "Too many writes are waiting; see `Retry-After`.", "Problem"),
        ],
    };

    public static ApiDoc List { get; } = new("List the files of a run") { Tag = Tag, Description = "Oldest first.", Answers = [new(200, "The files.", "AttachmentList"), NoRun] };

    public static ApiDoc Link { get; } = new("Get a file of a run")
    {
        Tag = Tag,
        Description = "With `url`, a signed link that downloads it without a key until `url_expires_at` (`Attachments:LinkMinutes`), and `view_url` for what a browser may show (pictures, plain text, PDF).",
        Answers = [new(200, "The file.", "AttachmentLink"), NoFile],
    };

    public static ApiDoc Delete { get; } = new("Delete a file of a run") { Tag = Tag, Description = "Its bytes are gone when this is answered.", Answers = [new(204, "It is gone."), NoFile] };

    public static ApiDoc Open { get; } = new("Open a file through its signed link")
    {
        Tag = Tag,
        Description = "Ranges are honoured. Nothing is ever served as HTML, SVG or XML.",
        Answers =
        [
            new(200, "The bytes.", """{"type":"string","format":"binary"}""", "application/octet-stream"),
            new(206, "The part that `Range` asked for.", """{"type":"string","format":"binary"}""", "application/octet-stream"),
            new(403, "The link was changed, or is of another installation.", "Problem"),
            new(404, "The file was deleted.", "Problem"),
            new(410, "The link has expired: ask for a new one.", "Problem"),
            new(416, "`Range` is outside of the file."),
        ],
    };
}
