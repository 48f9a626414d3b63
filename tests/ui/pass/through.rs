//! Many-to-many relations, in every module and with every visibility.

mod public {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_many(Tag, through(NoteTag))]
    #[allow(clippy::duplicated_attributes, reason = "it takes one target for one attribute")]
    #[has_many(Tag, name = "hidden_tags", through(self::hidden::Link, to = "tag"))]
    pub struct Note {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Entity)]
    #[has_many(Note, through(NoteTag, from = tag))]
    pub struct Tag {
        #[id]
        pub word: String,
    }

    /// Fewer see the link than what it links.
    #[derive(Debug, Entity)]
    struct NoteTag {
        #[id]
        #[belongs_to(Note)]
        note_id: i64,
        #[id]
        #[belongs_to(Tag)]
        tag_id: String,
    }

    mod hidden {
        use relations::prelude::*;

        #[derive(Debug, Entity)]
        #[entity(table = "hidden_links")]
        pub(super) struct Link {
            #[id(generated)]
            id: i64,
            #[belongs_to(super::Note)]
            note_id: Option<i64>,
            #[belongs_to(super::Tag)]
            tag_id: String,
            #[belongs_to(super::Tag, name = "other", constraint = false)]
            other_id: Option<String>,
            since: Option<i32>,
        }
    }
}

/// Two that go through each other, and one that goes through itself.
mod cycles {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_many(Self, name = "partners", through(Self, from = "one", to = "other"))]
    #[allow(clippy::duplicated_attributes, reason = "it takes one name for one attribute")]
    #[has_many(Right, name = "rights", through(Left, from = "one", to = "right"))]
    pub(super) struct Left {
        #[id]
        id: i64,
        #[belongs_to(Self)]
        one_id: Option<i64>,
        #[belongs_to(Self)]
        other_id: Option<i64>,
        #[belongs_to(Right)]
        right_id: Option<i64>,
    }

    #[derive(Debug, Entity)]
    #[has_many(Left, through(Right, from = "one", to = "left"))]
    pub(super) struct Right {
        #[id]
        id: i64,
        #[belongs_to(Right)]
        one_id: Option<i64>,
        #[belongs_to(Left)]
        left_id: Option<i64>,
    }
}

async fn notes(
    db: &relations::Database,
    note: &public::Note,
    tag: &public::Tag,
) -> relations::Result<(Vec<public::Note>, Vec<public::Tag>, bool)> {
    let linked = public::Note::TAGS.link(db, note, tag).await?;
    let unlinked = public::Note::HIDDEN_TAGS.unlink(db, note, tag).await?;
    Ok((tag.notes(db).await?, note.tags(db).await?, linked || unlinked))
}

async fn in_a_function(db: &relations::Database) -> relations::Result<()> {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_many(Two, through(Both))]
    struct One {
        #[id]
        id: i64,
    }

    #[derive(Debug, Entity)]
    struct Two {
        #[id]
        id: i64,
    }

    #[derive(Debug, Entity)]
    #[unique(one_id, two_id)]
    struct Both {
        #[id(generated)]
        id: i64,
        #[belongs_to(One)]
        one_id: i64,
        #[belongs_to(Two)]
        two_id: i64,
    }

    let (one, two) = (One { id: 1 }, Two { id: 2 });
    One::TWOS.link(db, &one, &two).await?;
    Ok(())
}
