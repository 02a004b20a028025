"""The document formats as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from services.documents import DocumentFormat


class FormatOut(BaseModel):
    name: str = Field(description="The value in `formats`, `downloads` and `format` fields.")
    label: str
    extension: str = Field(description="The file extension, without a leading dot.")
    content_type: str
    description: str

    @classmethod
    def of(cls, document_format: DocumentFormat) -> FormatOut:
        return cls(
            name=document_format.name,
            label=document_format.label,
            extension=document_format.extension,
            content_type=document_format.content_type,
            description=document_format.description,
        )


class FormatsOut(BaseModel):
    formats: list[FormatOut]
